// Files of torch.save: values as torch reads them, and what is refused.
#include <cstring>

#include "io/checkpoint/tensor_values.h"
#include "io/io_files.h"
#include "io/torch/pickle.h"

using namespace headlight;
using test::own_fixture;
using test::shared_fixture;

namespace {

std::vector<float> floats(const Checkpoint& checkpoint, const char* name) {
    const TensorInfo* tensor = checkpoint.find(name);
    REQUIRE_MESSAGE(tensor != nullptr, name);
    const auto values = tensor_as_floats(checkpoint, *tensor);
    REQUIRE_MESSAGE(values, values.error().to_string());
    return *values;
}

Result<PickleTree> parse(std::string_view bytes) {
    return read_pickle(std::as_bytes(std::span(bytes)), "a.pkl", 0);
}

void check_saved_state(const std::string& path) {
    const auto opened = open_checkpoint(path);
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    const Checkpoint& checkpoint = **opened;
    CHECK(checkpoint.format == "pytorch");
    CHECK(checkpoint.tensors.size() == 8);  // the wrappers' prefixes are gone
    CHECK(floats(checkpoint, "plain") == std::vector<float>{0, 1, 2, 3, 4, 5});
    CHECK(checkpoint.find("turned")->shape == std::vector<std::int64_t>{6, 4});
    CHECK(floats(checkpoint, "turned") == std::vector<float>{0, 6, 12, 18, 1, 7,  13, 19, 2, 8,  14, 20,
                                                             3, 9, 15, 21, 4, 10, 16, 22, 5, 11, 17, 23});
    CHECK(floats(checkpoint, "part") == std::vector<float>{8, 9, 14, 15});
    CHECK(floats(checkpoint, "half") == std::vector<float>{0.5f, -2.0f});
    CHECK(floats(checkpoint, "brain") == std::vector<float>{1.5f, 3.0f});
    CHECK(floats(checkpoint, "parameter") == std::vector<float>{4, 5});
    CHECK(floats(checkpoint, "scalar") == std::vector<float>{2.5f});
    CHECK(checkpoint.find("scalar")->shape.empty());
    CHECK(tensor_as_integers(checkpoint, *checkpoint.find("steps")).value() ==
          std::vector<std::int64_t>{7, 8, 9});
    CHECK(checkpoint.config["model_type"] == "gpt2");
    CHECK(checkpoint.config["dropout"] == doctest::Approx(0.1));
}

}  // namespace

TEST_CASE("pytorch: tensors, views and settings of a training file, zip form") {
    check_saved_state(own_fixture("pytorch/training.pt"));
}

TEST_CASE("pytorch: the same in the older stream of pickles") {
    check_saved_state(own_fixture("pytorch/legacy.pt"));
}

TEST_CASE("pytorch: what nanoGPT saves says which model it is") {
    const auto opened = open_checkpoint(own_fixture("pytorch/nanogpt.pt"));
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    const nlohmann::json& config = (*opened)->config;
    CHECK(config["model_type"] == "nanogpt");
    CHECK(config["n_head"] == 2);
    CHECK(config["block_size"] == 8);
    CHECK(config["bias"] == false);
    CHECK(config["vocab_size"] == 7);       // the file says None
    CHECK(!config.contains("batch_size"));  // that is the training script's
    CHECK((*opened)->find("transformer.h.0.attn.c_attn.weight") != nullptr);
}

TEST_CASE("pytorch: code is named and never run") {
    const auto opened = open_checkpoint(own_fixture("pytorch/hostile.pt"));
    REQUIRE(!opened);
    CHECK(opened.error().kind == ErrorKind::Unsupported);
    CHECK(opened.error().message.find("posix.system") != std::string::npos);
    CHECK(opened.error().offset);
    CHECK(!std::filesystem::exists("PICKLE_WAS_EXECUTED"));
}

TEST_CASE("pytorch: what holds no weights says what it holds") {
    const auto none = open_checkpoint(own_fixture("pytorch/no_weights.pt"));
    REQUIRE(!none);
    CHECK(none.error().kind == ErrorKind::Missing);
    CHECK(none.error().message.find("'loss', 'history'") != std::string::npos);
    const auto plain = open_checkpoint(own_fixture("pytorch/plain_pickle.pt"));
    REQUIRE(!plain);
    CHECK(plain.error().message.find("no weights that can be recognised") != std::string::npos);
}

TEST_CASE("pytorch: every cut of a file is an error, none a crash") {
    for (const char* name : {"pytorch/training.pt", "pytorch/legacy.pt"}) {
        const std::string bytes = test::read_bytes(own_fixture(name));
        REQUIRE(bytes.size() > 1000);
        const std::string folder = test::fresh_dir("io_pytorch_cut");
        // The last 24 bytes of a zip say again what stands before them.
        for (std::size_t length = 1; length + 24 < bytes.size(); length += 37) {
            test::write_bytes(folder + "/model.pt", std::string_view(bytes).substr(0, length));
            const auto opened = open_checkpoint(folder + "/model.pt");
            CHECK_MESSAGE(!opened, name, " cut at ", length);
        }
    }
}

TEST_CASE("pickle: broken programs are refused") {
    using namespace std::literals;
    for (const std::string_view bytes : {"\x80\x02"sv, "."sv, "0."sv, "t."sv, "s."sv,
                                         "}K\x01"
                                         "e."sv,
                                         "h\x07."sv,
                                         "X\xff\xff\xff\x7f"
                                         "a."sv,
                                         "(K\x01"
                                         "d."sv,
                                         "\xff."sv, "NQ."sv, "NNR."sv, "NNb."sv, "I12x\n."sv, "cos\n"sv}) {
        const auto tree = parse(bytes);
        CHECK(!tree);
    }
    for (const std::string_view bytes :
         {"cposix\nsystem\n."sv, "(ios\nsystem\n."sv, "\x8c\x05posix\x8c\x06system\x93."sv,
          "cbuiltins\neval\n."sv, "ccollections\nCounter\n."sv, "](ios\nsystem\na."sv,
          "]cposix\nsystem\n(X\x02\x00\x00\x00lstRa."sv}) {
        const auto tree = parse(bytes);
        REQUIRE(!tree);
        CHECK(tree.error().kind == ErrorKind::Unsupported);
    }
}

TEST_CASE("pickle: code beside data is named and never made") {
    using namespace std::literals;
    struct Foreign {
        std::string_view bytes, name;
    };
    for (const Foreign& one :
         {Foreign{"]cmy\nsystem\n(X\x02\x00\x00\x00lstRa."sv, "my.system"},
          Foreign{"](iargparse\nNamespace\na."sv, "argparse.Namespace"},
          Foreign{"]cargparse\nNamespace\n)\x81}X\x02\x00\x00\x00lrK\x07sba."sv, "argparse.Namespace"},
          Foreign{"](cpathlib\nPosixPath\nX\x01\x00\x00\x00/oa."sv, "pathlib.PosixPath"},
          Foreign{"]cmy\nPoint\n(K\x01K\x02t}\x92"
                  "a."sv,
                  "my.Point"},
          Foreign{"]ccollections\ndeque\n)RK\x01"
                  "aa."sv,
                  "collections.deque"},
          Foreign{"]cmy\nmake\n)R)Ra."sv, "my.make"}}) {
        const auto tree = parse(one.bytes);
        CHECK(tree.has_value() == !one.name.empty());
        if (!tree) continue;
        const PickleNode& list = (*tree)[tree->root];
        REQUIRE(list.items.size() == 1);
        CHECK((*tree)[list.items[0]].kind == PickleKind::Object);
        CHECK((*tree)[list.items[0]].text == one.name);
    }
    // Attributes and entries are data.
    const auto object = parse("cargparse\nNamespace\n)\x81}X\x02\x00\x00\x00lrK\x07sb."sv);
    REQUIRE(object);
    CHECK(object->find((*object)[object->root], "lr")->number == 7);
    const auto dict = parse(
        "ccollections\ndefaultdict\n(c__builtin__\nlist\ntRX\x01\x00\x00\x00"
        "aK\x03s."sv);
    REQUIRE(dict);
    CHECK((*dict)[dict->root].kind == PickleKind::Dict);
    CHECK(dict->find((*dict)[dict->root], "a")->number == 3);
}

TEST_CASE("pickle: a text is not repeated without bound") {
    std::string bytes = "]X";
    const std::string text(1000, 'a');
    bytes += std::string("\xe8\x03\0\0", 4) + text +
             std::string(
                 "q\0"
                 "0",
                 3);
    for (int i = 0; i < 100; ++i)
        bytes += std::string("ctorch\ndevice\n(h\0tRa", 20);
    CHECK(!parse(bytes + "."));
}

TEST_CASE("pickle: a list that holds itself does no harm") {
    using namespace std::literals;
    const auto tree = parse(
        "]q\x00h\x00"
        "a."sv);
    REQUIRE(tree);
    CHECK((*tree)[tree->root].items == std::vector<PickleId>{tree->root});
}

TEST_CASE("shared: PyTorch files hold the tensors of the safetensors file") {
    HEADLIGHT_NEEDS(shared_fixture("formats/formats.json"));
    struct Pair {
        const char *path, *same;
    };
    for (const Pair pair :
         {Pair{"gpt2_bin", "gpt2"}, Pair{"llama_bin", "llama"}, Pair{"gpt2_bin_legacy", "gpt2"},
          Pair{"llama_sharded_bin", "llama"}, Pair{"gpt2_training_pt/checkpoint.pt", "gpt2"},
          Pair{"gpt2_ddp_pt/ckpt.pt", "gpt2"}, Pair{"llama_lightning_ckpt/last.ckpt", "llama"},
          Pair{"gpt2_views_bin", "gpt2"}, Pair{"gpt2_parameters_bin", "gpt2"}}) {
        INFO(pair.path);
        const auto opened = open_checkpoint(shared_fixture(std::string("formats/") + pair.path));
        REQUIRE_MESSAGE(opened, opened.error().to_string());
        const auto same = open_checkpoint(shared_fixture(std::string("models/") + pair.same)).value();
        CHECK((*opened)->config.is_object());
        for (const TensorInfo& tensor : same->tensors) {
            const TensorInfo* found = (*opened)->find(tensor.name);
            if (found == nullptr) found = (*opened)->find(tensor.name.substr(tensor.name.find('.') + 1));
            REQUIRE_MESSAGE(found != nullptr, tensor.name);
            CHECK(found->shape == tensor.shape);
            const auto left = same->bytes(tensor), right = (*opened)->bytes(*found);
            CHECK(left.size() == right.size());
            CHECK(std::equal(left.begin(), left.end(), right.begin(), right.end()));
        }
    }
    const auto script = open_checkpoint(shared_fixture("formats/torchscript/tiny_traced.pt"));
    REQUIRE(!script);
    CHECK(script.error().message.find("TorchScript") != std::string::npos);
}
