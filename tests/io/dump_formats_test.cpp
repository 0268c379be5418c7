// Attention that other programs saved: every format, order of axes and set of names, against the numbers that
// NumPy wrote.
#include <cmath>

#include "io/attention/attention_dump.h"
#include "io/attention/dump_axes.h"
#include "io/attention/dump_names.h"
#include "io/attention/npy_array.h"
#include "io/checkpoint/tensor_values.h"
#include "io/io_files.h"

using namespace headlight;
using test::own_fixture;
using test::shared_fixture;

namespace {

std::vector<float> expected(const std::string& name) {
    const auto file = open_checkpoint(own_fixture("dumps/expected.safetensors")).value();
    return tensor_as_floats(*file, *file->find(name)).value();
}

AttentionDump read(const std::string& name, const std::string& axes = {}) {
    CHECK(looks_like_attention_dump(own_fixture("dumps/" + name)));
    auto dump = read_attention_dump(own_fixture("dumps/" + name), {axes});
    REQUIRE_MESSAGE(dump, name, ": ", dump.error().to_string());
    return std::move(*dump);
}

Error refused(const std::string& name, const std::string& axes = {}) {
    const auto dump = read_attention_dump(own_fixture("dumps/" + name), {axes});
    REQUIRE_MESSAGE(!dump, name);
    return dump.error();
}

bool holds(const Error& error, const std::string& words) {
    return error.to_string().find(words) != std::string::npos;
}

/// Everything of the trace in the usual order.
std::vector<float> all_of(const AttentionTrace& trace) {
    std::vector<float> out;
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        for (int head = 0; head < trace.num_heads(); ++head) {
            const auto matrix = trace.matrix(layer, head);
            out.insert(out.end(), matrix.begin(), matrix.end());
        }
    }
    return out;
}

double most_difference(const std::vector<float>& a, const std::vector<float>& b) {
    REQUIRE(a.size() == b.size());
    double most = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        most = std::max(most, std::abs(static_cast<double>(a[i]) - b[i]));
    return most;
}

std::vector<std::string> pieces(const TokenizedText& tokens) {
    std::vector<std::string> out;
    for (const Token& token : tokens.tokens)
        out.push_back(token.piece);
    return out;
}

const std::vector<std::string> kPieces = {"<s>", "Ġa", "é", "\n", "cat"};

}  // namespace

TEST_CASE("dump formats: byte orders, Fortran order, kinds of text") {
    const auto big = read("big_endian.npz");
    CHECK(all_of(*big.trace) == expected("attn"));
    CHECK(pieces(big.tokens) == kPieces);
    CHECK(big.tokens.tokens[1].display == "·a");
    CHECK(big.spec.is_causal);
    const auto fortran = read("fortran.npz");
    CHECK(all_of(*fortran.trace) == expected("attn"));
    CHECK(pieces(fortran.tokens) == kPieces);
    CHECK(fortran.tokens.text == "a text");
    CHECK(fortran.trace->info().dtype == "float64");
    const auto ids = read("int_tokens.npz");
    CHECK(ids.tokens.tokens[4].id == 4);
    CHECK(ids.tokens.tokens[4].piece == "#4");
}

TEST_CASE("dump formats: the order of the axes is detected") {
    for (const char* name : {"turned.npz", "keys_first.npz", "heads_last.npz"}) {
        INFO(name);
        const auto dump = read(name);
        CHECK(all_of(*dump.trace) == expected("both"));
        CHECK(!dump.spec.is_causal);
        REQUIRE(dump.notes.size() == 1);
        CHECK(dump.notes[0].find("queries along axis") != std::string::npos);
    }
    CHECK(all_of(*read("turned.npz", "lhkq").trace) == expected("both"));
    CHECK(all_of(*read("keys_first.npz", "kqlh").trace) == expected("both"));
    // As many heads as tokens: a causal text says which axis is which.
    CHECK(all_of(*read("square_heads.npz").trace) == expected("square_heads"));
    const auto one = read("one_head.npz");
    CHECK(one.trace->num_layers() == 1);
    CHECK(one.trace->num_heads() == 1);
    const auto heads = read("per_head.npz");
    CHECK(all_of(*heads.trace) == expected("attn"));
}

TEST_CASE("dump formats: what is ambiguous is asked, and the answer is taken") {
    const Error square = refused("square_both.npz");
    CHECK(square.kind == ErrorKind::InvalidInput);
    CHECK(holds(square, "ambiguous"));
    CHECK(holds(square, "\"lhqk\""));
    CHECK(holds(square, "\"lqhk\""));
    CHECK(all_of(*read("square_both.npz", "lhqk").trace) == expected("square_both"));
    const Error heads = refused("heads_or_layers.npz");
    CHECK(heads.kind == ErrorKind::InvalidInput);
    CHECK(holds(heads, "axis 0 (of 3) may be layers or heads"));
    CHECK(read("heads_or_layers.npz", "hqk").trace->num_heads() == 3);
    CHECK(read("heads_or_layers.npz", "lqk").trace->num_layers() == 3);
    CHECK(holds(refused("heads_or_layers.npz", "lhqk"), "name 4 axes, but it has 3"));
    CHECK(holds(refused("heads_or_layers.npz", "hqx"), "not made of l, h, q, k"));
    CHECK(holds(refused("heads_or_layers.npz", "bqk"), "axis 0 ('b', batch) has length 3"));
    CHECK(holds(refused("heads_or_layers.npz", "lhq"), "lack q or k"));
    CHECK(holds(refused("batch.npz"), "one text"));
    CHECK(holds(refused("two.npz"), "keep one"));
    // The wrong answer is found out by the sums.
    CHECK(refused("turned.npz", "lhqk").kind == ErrorKind::Corrupt);
}

TEST_CASE("dump formats: layers that are not there keep their numbers") {
    const auto dump = read("absent.npz");
    CHECK(dump.trace->num_layers() == 5);
    CHECK(dump.trace->info().absent_layers == std::vector<int>{0, 2, 3});
    CHECK(dump.spec.layers_without_attention == std::vector<int>{0, 2, 3});
    const auto attn = expected("attn");
    CHECK(dump.trace->matrix(4, 0) == std::vector<float>(attn.begin() + 75, attn.begin() + 100));
    CHECK(dump.trace->matrix(2, 0) == std::vector<float>(25, 0.0f));
    // Written and read again they are still absent.
    const std::string path = test::fresh_dir("dump_absent") + "/out.safetensors";
    REQUIRE(write_attention_dump(path, dump));
    const auto back = read_attention_dump(path);
    REQUIRE_MESSAGE(back, back.error().to_string());
    CHECK(back->trace->info().absent_layers == std::vector<int>{0, 2, 3});
    CHECK(all_of(*back->trace) == all_of(*dump.trace));
    const auto tuple = read("tuple.pt");  // (None, tensor)
    CHECK(tuple.trace->info().absent_layers == std::vector<int>{0});
    CHECK(tuple.trace->matrix(1, 0) == std::vector<float>(attn.begin(), attn.begin() + 25));
}

TEST_CASE("dump formats: queries and keys of different texts") {
    const auto cross = read("cross.npz");
    CHECK(cross.trace == nullptr);
    REQUIRE(cross.cross_trace != nullptr);
    CHECK(cross.cross_trace->info().kind == AttentionKind::Cross);
    CHECK(!cross.cross_trace->info().is_causal);
    CHECK(all_of(*cross.cross_trace) == expected("cross"));
    CHECK(pieces(cross.tokens) == std::vector<std::string>{"a", "b", "c", "d", "e", "f"});
    CHECK(pieces(cross.decoder_tokens) == std::vector<std::string>{"w", "x", "y", "z"});
    CHECK(all_of(*read("cross_bare.npz").cross_trace) == expected("cross"));

    const auto all = read("encdec.pt");
    REQUIRE(all.trace != nullptr);
    CHECK(all.trace->info().kind == AttentionKind::Encoder);
    CHECK(all.decoder_trace->info().kind == AttentionKind::Decoder);
    CHECK(all.decoder_trace->info().is_causal);
    CHECK(all_of(*all.cross_trace) == expected("cross"));
    CHECK(all.tokens.ids() == std::vector<std::int32_t>{0, 1, 2, 3, 4, 5});
    CHECK(all.decoder_tokens.ids() == std::vector<std::int32_t>{9, 8, 7, 6});
    CHECK(all.spec.name == "tiny t5");
    CHECK(all.spec.has_decoder);

    const std::string path = test::fresh_dir("dump_encdec") + "/out.safetensors";
    REQUIRE(write_attention_dump(path, all));
    const auto file = open_checkpoint(path).value();
    for (const char* name : {"input_ids", "decoder_input_ids", "enc_attn.1", "dec_attn.0", "cross_attn.1"})
        CHECK_MESSAGE(file->find(name) != nullptr, name);
    const auto back = read_attention_dump(path);
    REQUIRE_MESSAGE(back, back.error().to_string());
    CHECK(all_of(*back->trace) == all_of(*all.trace));
    CHECK(all_of(*back->decoder_trace) == all_of(*all.decoder_trace));
    CHECK(all_of(*back->cross_trace) == all_of(*all.cross_trace));
    CHECK(back->spec.has_decoder);
    CHECK(back->decoder_tokens.ids() == all.decoder_tokens.ids());
}

TEST_CASE("dump formats: the steps of a generation are one triangle") {
    const auto steps = read("generated.pt");
    CHECK(steps.trace->info().is_causal);
    CHECK(all_of(*steps.trace) == expected("attn"));
    CHECK(steps.notes.size() == 1);
    const auto pair = read("generated_pair.pt");
    CHECK(all_of(*pair.decoder_trace) == expected("attn"));
    CHECK(all_of(*pair.cross_trace) == expected("both"));
    CHECK(holds(refused("beams.pt"), "2 sequences or beams"));
}

TEST_CASE("dump formats: outputs of a class of their own, and arrays of pickle.dump") {
    for (const char* name : {"outputs.pt", "arrays_2.pkl", "arrays_4.pkl", "arrays_5.pkl", "tensors.pkl"}) {
        INFO(name);
        CHECK(all_of(*read(name).trace) == expected("attn"));
    }
    CHECK(!std::filesystem::exists("PICKLE_WAS_EXECUTED"));
}

TEST_CASE("dump formats: rounding widens the tolerance, a sink must be announced") {
    const auto rounded = read("rounded.json");
    CHECK(most_difference(all_of(*rounded.trace), expected("both")) <= 5.1e-4);
    CHECK(pieces(rounded.tokens) == kPieces);
    CHECK(rounded.tokens.ids() == std::vector<std::int32_t>{3, 1, 4, 1, 5});
    CHECK(rounded.spec.name == "by hand");
    CHECK(most_difference(all_of(*read("bfloat16.safetensors").trace), expected("both")) <= 2e-3);
    const Error sink = refused("sink.npy");
    CHECK(sink.kind == ErrorKind::Corrupt);
    CHECK(holds(sink, "layer 0, head 0, query 0"));
    CHECK(holds(sink, "sum to 0.7"));
    const auto announced = read("sink.safetensors");
    CHECK(announced.trace->info().has_sink);
    const std::string path = test::fresh_dir("dump_sink") + "/out.safetensors";
    REQUIRE(write_attention_dump(path, announced));
    const auto back = read_attention_dump(path);
    REQUIRE_MESSAGE(back, back.error().to_string());
    CHECK(back->trace->info().has_sink);
}

TEST_CASE("dump formats: pickles inside NumPy files are data or nothing") {
    const auto safe = read("objects.npz");
    CHECK(pieces(safe.tokens) == kPieces);
    const auto dangerous = read("dangerous.npz");
    CHECK(all_of(*dangerous.trace) == expected("attn"));
    CHECK(dangerous.tokens.tokens[4].display == "4");
    REQUIRE(dangerous.notes.size() == 1);
    CHECK(dangerous.notes[0].find("posix.system") != std::string::npos);
    CHECK(holds(refused("object_attention.npz"), "Python objects"));
    CHECK(!std::filesystem::exists("PICKLE_WAS_EXECUTED"));
    CHECK(holds(refused("bomb.npz"), "claims to unpack"));
}

TEST_CASE("dump formats: every cut and many changed bytes are errors or harmless") {
    const std::string folder = test::fresh_dir("dump_cut");
    for (const char* name :
         {"big_endian.npz", "fortran.npz", "objects.npz", "sink.npy", "encdec.pt", "rounded.json"}) {
        const std::string bytes = test::read_bytes(own_fixture(std::string("dumps/") + name));
        const std::string path = folder + "/" + name;
        for (std::size_t length = 0; length < bytes.size(); length += bytes.size() / 23 + 1) {
            test::write_bytes(path, std::string_view(bytes).substr(0, length));
            CHECK_MESSAGE(!read_attention_dump(path), name, " cut at ", length);
        }
        for (std::size_t at = 0; at < bytes.size(); at += bytes.size() / 97 + 1) {
            std::string changed = bytes;
            changed[at] = static_cast<char>(changed[at] ^ 0x55);
            test::write_bytes(path, changed);
            (void)looks_like_attention_dump(path);
            (void)read_attention_dump(path);
        }
    }
}

TEST_CASE("dump formats: headers of NumPy that lie") {
    const auto array = [](const std::string& header, std::size_t data_bytes) {
        std::string bytes = std::string("\x93NUMPY\x01\x00", 8);
        bytes += static_cast<char>(header.size() & 0xff);
        bytes += static_cast<char>(header.size() >> 8);
        bytes += header + std::string(data_bytes, '\0');
        return read_npy(std::as_bytes(std::span(bytes)), "a", "a.npy", 0).has_value();
    };
    CHECK(array("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 8));
    CHECK(array("{'descr':'<f4','fortran_order':False,'shape':()}", 4));
    for (const char* header :
         {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999, 99999999999), }",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 1099511627776), }",
          "{'descr': '<f16', 'fortran_order': False, 'shape': (), }", "{'descr': [('a', '<f4')], }",
          "{'descr': '<U99999', 'fortran_order': False, 'shape': (1,), }", "{'descr': '<f4'", "{", ""}) {
        CHECK_MESSAGE(!array(header, 8), header);
    }
}

TEST_CASE("dump formats: names of attention, and of other things") {
    const auto is = [](const char* text, AttentionKind kind, int layer, int head) {
        const auto name = parse_attention_name(text);
        return name && name->kind == kind && name->layer == layer && name->head == head;
    };
    CHECK(is("attn", AttentionKind::Self, -1, -1));
    CHECK(is("attention_weights", AttentionKind::Self, -1, -1));
    CHECK(is("attn.12", AttentionKind::Self, 12, -1));
    CHECK(is("layer_3", AttentionKind::Self, 3, -1));
    CHECK(is("layer3.head2", AttentionKind::Self, 3, 2));
    CHECK(is("blocks.0.attn.hook_pattern", AttentionKind::Self, 0, -1));
    CHECK(is("enc_attn.1", AttentionKind::Encoder, 1, -1));
    CHECK(is("decoder_attentions", AttentionKind::Decoder, -1, -1));
    CHECK(is("cross_attn.0", AttentionKind::Cross, 0, -1));
    CHECK(is("decoder_cross_attentions", AttentionKind::Cross, -1, -1));
    for (const char* other :
         {"transformer.h.0.attn.c_attn.weight", "h.0.attn.bias", "input_ids", "tokens", "logits", "hidden.3",
          "layer_norm", "model.layers.0.self_attn.q_proj.weight", "layers", "attn.1.2.3", "attn.123456",
          "attention_mask", "attn scores", "encoder.layer.0.attention.self.query.weight"})
        CHECK_MESSAGE(!parse_attention_name(other), other);
}

TEST_CASE("shared: every dump holds the attention that it was made from") {
    HEADLIGHT_NEEDS(shared_fixture("dumps/dumps.json"));
    const auto reference = open_checkpoint(shared_fixture("models/gpt2/reference.safetensors")).value();
    for (const char* name :
         {"attention.npz", "attention_compressed.npz", "attention_float16.npz", "attention_fortran.npz",
          "attention_batched.npz", "attention_per_layer.npz", "attention_object_tokens.npz", "attention.npy",
          "attention.safetensors", "attention_per_layer.safetensors", "attention.pt", "attention.json"}) {
        INFO(name);
        const std::string path = shared_fixture(std::string("dumps/") + name);
        CHECK(looks_like_attention_dump(path));
        const auto dump = read_attention_dump(path);
        REQUIRE_MESSAGE(dump, dump.error().to_string());
        REQUIRE(dump->trace != nullptr);
        const bool is_half = std::string(name) == "attention_float16.npz",
                   is_text = std::string(name) == "attention.json";
        std::vector<float> theirs;
        for (int layer = 0; layer < 3; ++layer) {
            const auto part =
                tensor_as_floats(*reference, *reference->find(fmt::format("t1.attn.{}", layer))).value();
            theirs.insert(theirs.end(), part.begin(), part.end());
        }
        CHECK(most_difference(all_of(*dump->trace), theirs) <= (is_half ? 2.5e-4 : is_text ? 1.2e-7 : 0.0));
        CHECK(dump->spec.is_causal);
        const bool has_pieces =
            std::string(name) != "attention.npy" && std::string(name) != "attention_per_layer.safetensors";
        if (has_pieces) CHECK(dump->tokens.tokens[1].piece == "Ġit");
    }
    CHECK(!looks_like_attention_dump(shared_fixture("models/gpt2/model.safetensors")));
    CHECK(!looks_like_attention_dump(shared_fixture("formats/gpt2_bin/pytorch_model.bin")));
    CHECK(!looks_like_attention_dump(shared_fixture("models/gpt2/config.json")));
    CHECK(!looks_like_attention_dump(shared_fixture("formats/torchscript/gpt2_traced.pt")));
}
