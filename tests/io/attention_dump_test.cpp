#include "io/attention/attention_dump.h"
#include "core/dense_trace.h"

#include <cmath>

#include "io/checkpoint/safetensors_writer.h"
#include "io/checkpoint/tensor_values.h"
#include "io/io_files.h"

using namespace headlight;
using test::shared_fixture;

namespace {

constexpr int kTokens = 5, kHeads = 2, kLayers = 3;

// Causal rows with distinct values: weight of key j in row i is proportional to 1 + j + head + layer.
std::vector<float> some_attention(int layer) {
    std::vector<float> out(kHeads * kTokens * kTokens);  // [head, query, key]
    for (int head = 0; head < kHeads; ++head) {
        for (int query = 0; query < kTokens; ++query) {
            float sum = 0;
            for (int key = 0; key <= query; ++key)
                sum += static_cast<float>(1 + key + head + layer);
            for (int key = 0; key <= query; ++key) {
                out[static_cast<std::size_t>((head * kTokens + query) * kTokens + key)] =
                    static_cast<float>(1 + key + head + layer) / sum;
            }
        }
    }
    return out;
}

AttentionDump some_dump() {
    AttentionDump dump;
    dump.spec.name = "tiny";
    dump.spec.family = "gpt2";
    dump.spec.family_label = "GPT-2";
    dump.spec.dtype = "bfloat16";
    dump.spec.num_layers = kLayers;
    dump.spec.num_heads = kHeads;
    dump.spec.num_kv_heads = 1;
    dump.spec.head_dim = 8;
    dump.spec.num_parameters = 123456789012;
    dump.spec.window = {0, 3, 0};
    dump.tokens.text = "a\xff b\n";  // invalid UTF-8 on purpose
    dump.tokens.tokens = {{7, "<s>", "<s>", 0, 0, true},
                          {1, "a", "a", 0, 1, false},
                          {2, "<0xFF>", "⟨FF⟩", 1, 2, false},
                          {3, "▁b", "·b", 2, 4, false},
                          {4, "<0x0A>", "⏎", 4, 5, false}};
    TraceInfo info;
    info.num_layers = kLayers;
    info.num_heads = kHeads;
    info.num_queries = info.num_keys = kTokens;
    std::vector<float> weights;
    for (int layer = 0; layer < kLayers; ++layer) {
        const auto part = some_attention(layer);
        weights.insert(weights.end(), part.begin(), part.end());
    }
    dump.trace = make_dense_trace(info, weights);
    dump.logits = Matrix(kTokens, 4);
    dump.logits.at(3, 2) = 1.5f;
    dump.hidden = {Matrix(kTokens, 6), Matrix(kTokens, 6)};
    dump.hidden[1].at(4, 5) = -2.5f;
    return dump;
}

// A file of another program: attn.{layer} alone (after `change`).
std::string foreign_file(const char* name, const std::function<void(std::vector<float>&)>& change,
                         int layers = 2) {
    const std::string path = test::fresh_dir(std::string("io_dump_") + name) + "/attention.safetensors";
    std::vector<std::vector<float>> values;
    for (int layer = 0; layer < layers; ++layer)
        values.push_back(some_attention(layer));
    if (change) change(values.back());
    std::vector<TensorToWrite> tensors;
    for (int layer = 0; layer < layers; ++layer) {
        tensors.push_back({fmt::format("attn.{}", layer),
                           DType::Float32,
                           {1, kHeads, kTokens, kTokens},
                           std::as_bytes(std::span(values[static_cast<std::size_t>(layer)]))});
    }
    REQUIRE(write_safetensors(path, tensors));
    return path;
}

}  // namespace

TEST_CASE("dump: what is written is read again") {
    const std::string path = test::fresh_dir("io_dump") + "/out.safetensors";
    const AttentionDump dump = some_dump();
    REQUIRE(write_attention_dump(path, dump));
    CHECK(looks_like_attention_dump(path));
    const auto back = read_attention_dump(path);
    REQUIRE_MESSAGE(back, back.error().to_string());
    CHECK(back->spec.name == "tiny");
    CHECK(back->spec.family_label == "GPT-2");
    CHECK(back->spec.dtype == "bfloat16");
    CHECK(back->spec.num_kv_heads == 1);
    CHECK(back->spec.num_parameters == 123456789012);
    CHECK(back->spec.window == std::vector<int>{0, 3, 0});
    CHECK(back->tokens.text == dump.tokens.text);
    REQUIRE(back->tokens.tokens.size() == kTokens);
    CHECK(back->tokens.tokens[0].is_special);
    CHECK(back->tokens.tokens[3].piece == "▁b");
    CHECK(back->tokens.tokens[3].display == "·b");
    CHECK(back->tokens.tokens[3].byte_begin == 2);
    CHECK(back->tokens.tokens[3].byte_end == 4);
    CHECK(back->tokens.tokens[4].id == 4);
    CHECK(back->logits.values == dump.logits.values);
    REQUIRE(back->hidden.size() == 2);
    CHECK(back->hidden[1].at(4, 5) == -2.5f);
    for (int layer = 0; layer < kLayers; ++layer) {
        for (int head = 0; head < kHeads; ++head) {
            CHECK(back->trace->matrix(layer, head) == dump.trace->matrix(layer, head));
        }
    }
    CHECK(back->trace->info().source == path);
}

TEST_CASE("dump: a sentence pair keeps its segments and where the second sentence begins") {
    const std::string path = test::fresh_dir("io_dump_pair") + "/out.safetensors";
    AttentionDump dump = some_dump();
    dump.tokens.second_token = 3;
    dump.tokens.second_byte = 3;
    dump.tokens.tokens[3].segment = dump.tokens.tokens[4].segment = 1;
    REQUIRE(write_attention_dump(path, dump));
    const auto back = read_attention_dump(path);
    REQUIRE_MESSAGE(back, back.error().to_string());
    CHECK(back->tokens.second_token == 3);
    CHECK(back->tokens.second_byte == 3);
    CHECK(back->tokens.second_text() == dump.tokens.second_text());
    CHECK(back->tokens.ids() == dump.tokens.ids());
    CHECK(back->tokens.ids()[3] == read_id(3, 1));
}

TEST_CASE("dump: token_type_ids of other programs mark the second sentence, and must fit") {
    const std::vector<float> values = some_attention(0);
    const std::vector<std::int64_t> ids = {7, 1, 2, 3, 4};
    const auto read = [&](const std::vector<std::int64_t>& segments) {
        const std::string path = test::fresh_dir("io_dump_segments") + "/attention.safetensors";
        const std::vector<TensorToWrite> tensors = {
            {"attn.0", DType::Float32, {kHeads, kTokens, kTokens}, std::as_bytes(std::span(values))},
            {"input_ids", DType::Int64, {kTokens}, std::as_bytes(std::span(ids))},
            {"token_type_ids",
             DType::Int64,
             {static_cast<std::int64_t>(segments.size())},
             std::as_bytes(std::span(segments))}};
        REQUIRE(write_safetensors(path, tensors));
        return read_attention_dump(path);
    };
    const auto pair = read({0, 0, 0, 1, 1});
    REQUIRE_MESSAGE(pair, pair.error().to_string());
    CHECK(pair->tokens.second_token == 3);
    CHECK(pair->tokens.tokens[4].segment == 1);
    CHECK(pair->tokens.second_text().empty());
    const auto one = read({0, 0, 0, 0, 0});
    REQUIRE(one);
    CHECK_FALSE(one->tokens.is_pair());
    CHECK(read({0, 1}).error().message.find("2 segments, but 5 tokens") != std::string::npos);
    CHECK(read({0, 0, 9, 1, 1}).error().message.find("found 9") != std::string::npos);
}

TEST_CASE("dump: the names that scripts rely on are in the file") {
    const std::string path = test::fresh_dir("io_dump_names") + "/out.safetensors";
    REQUIRE(write_attention_dump(path, some_dump()));
    const auto file = open_checkpoint(path);
    REQUIRE(file);
    const TensorInfo* ids = (*file)->find("input_ids");
    REQUIRE(ids != nullptr);
    CHECK(ids->dtype == DType::Int64);
    CHECK(*tensor_as_integers(**file, *ids) == std::vector<std::int64_t>{7, 1, 2, 3, 4});
    CHECK((*file)->find("attn.2")->shape == std::vector<std::int64_t>{kHeads, kTokens, kTokens});
    CHECK((*file)->find("hidden.1")->shape == std::vector<std::int64_t>{kTokens, 6});
    CHECK((*file)->find("logits")->shape == std::vector<std::int64_t>{kTokens, 4});
    std::map<std::string, std::string> metadata((*file)->metadata.begin(), (*file)->metadata.end());
    CHECK(metadata["model"] == "tiny");
    CHECK(metadata["family"] == "gpt2");
    CHECK(metadata["dtype"] == "bfloat16");
    CHECK(nlohmann::json::parse(metadata["tokens"]) ==
          nlohmann::json({"<s>", "a", "<0xFF>", "▁b", "<0x0A>"}));
    CHECK(!metadata["headlight_version"].empty());
}

TEST_CASE("dump: contradicting sizes are refused before writing, a stopped job leaves nothing") {
    const std::string folder = test::fresh_dir("io_dump_bad");
    AttentionDump dump = some_dump();
    dump.tokens.tokens.pop_back();
    CHECK(write_attention_dump(folder + "/a", dump).error().kind == ErrorKind::InvalidInput);
    dump = some_dump();
    dump.logits = Matrix(2, 4);
    CHECK(write_attention_dump(folder + "/a", dump).error().kind == ErrorKind::InvalidInput);
    std::stop_source stop;
    stop.request_stop();
    const Status stopped = write_attention_dump(folder + "/a", some_dump(), JobContext(stop.get_token()));
    CHECK(stopped.error().kind == ErrorKind::Cancelled);
    CHECK(std::filesystem::is_empty(folder));
}

TEST_CASE("dump: files with attn.{layer} only") {
    const auto back = read_attention_dump(foreign_file("foreign", {}));
    REQUIRE_MESSAGE(back, back.error().to_string());
    CHECK(back->spec.num_layers == 2);
    CHECK(back->spec.num_heads == kHeads);
    CHECK(back->spec.is_causal);
    CHECK(back->tokens.tokens.size() == kTokens);
    CHECK(back->tokens.tokens[4].display == "4");
    CHECK(back->logits.empty());
    const std::vector<float> layer = some_attention(1);
    CHECK(back->trace->matrix(1, 1) == std::vector<float>(layer.begin() + kTokens * kTokens, layer.end()));
    const auto both =
        read_attention_dump(foreign_file("both_ways", [](std::vector<float>& w) { std::swap(w[0], w[1]); }));
    REQUIRE(both);
    CHECK(!both->spec.is_causal);
}

TEST_CASE("dump: weights of a sealed file are used where they lie, and checked alike") {
    const std::string path = test::fresh_dir("io_dump_sealed") + "/attention.safetensors";
    REQUIRE(write_attention_dump(path, some_dump()));
    const auto copied = read_attention_dump(path),
               in_place = read_attention_dump(path, {.name = "sent", .is_sealed = true});
    REQUIRE(copied);
    REQUIRE(in_place);
    CHECK(in_place->trace->info().source == "sent");
    CHECK(in_place->trace->info().is_causal);
    for (int layer = 0; layer < kLayers; ++layer)
        CHECK(in_place->trace->matrix(layer, 1) == copied->trace->matrix(layer, 1));
    const std::string bad = foreign_file("sealed_bad", [](std::vector<float>& values) { values[25] = 3; });
    const auto refused = read_attention_dump(bad, {.axes = "bhqk", .is_sealed = true});
    REQUIRE(!refused);
    CHECK(refused.error().message.find("sum to") != std::string::npos);
}

TEST_CASE("dump: what is no attention is refused by layer, head and query") {
    const auto error_of = [](const char* name, float value) {
        const auto back =
            read_attention_dump(foreign_file(name, [value](std::vector<float>& w) { w[25 + 10] = value; }));
        REQUIRE(!back);
        CHECK(back.error().kind == ErrorKind::Corrupt);
        CHECK(back.error().tensor == "attn.1");
        CHECK(back.error().message.find("head 1, query 2") != std::string::npos);
    };
    error_of("sum", 3.0f);
    error_of("negative", -0.1f);
    error_of("nan", NAN);
    error_of("infinite", INFINITY);
}

TEST_CASE("dump: missing names are listed") {
    const std::string path = test::fresh_dir("io_dump_other") + "/x.safetensors";
    test::write_bytes(
        path, test::safetensors_bytes(R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4));
    const auto none = read_attention_dump(path);
    REQUIRE(!none);
    CHECK(none.error().kind == ErrorKind::Missing);
    CHECK(none.error().message.find("attn.0") != std::string::npos);
    CHECK(none.error().message.find("'w' [1]") != std::string::npos);
    CHECK(!looks_like_attention_dump(path));
    CHECK(!looks_like_attention_dump("no/such/file"));
}

TEST_CASE("shared: a dump that a user wrote") {
    HEADLIGHT_NEEDS(shared_fixture("dumps/attention_per_layer.safetensors"));
    const auto back = read_attention_dump(shared_fixture("dumps/attention_per_layer.safetensors"));
    REQUIRE_MESSAGE(back, back.error().to_string());
    CHECK(back->spec.num_layers == 3);
    CHECK(back->trace->num_queries() == 26);
    const auto reference = open_checkpoint(shared_fixture("models/gpt2/reference.safetensors"));
    REQUIRE(reference);
    const auto values = tensor_as_floats(**reference, *(*reference)->find("t1.attn.2"));
    REQUIRE(values);
    const auto head = back->trace->matrix(2, 3);
    CHECK(std::vector<float>(values->begin() + 3 * 26 * 26, values->end()) == head);
}
