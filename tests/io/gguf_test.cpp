// GGUF: numbers of every block type against the format's own package, settings, names, and files that lie.
#include <cmath>

#include "io/checkpoint/tensor_values.h"
#include "io/gguf/gguf_names.h"
#include "io/io_files.h"

using namespace headlight;
using test::own_fixture;
using test::shared_fixture;

namespace {

std::string types_file() {
    return test::read_bytes(own_fixture("gguf/types.gguf"));
}

Result<CheckpointPtr> open_changed(const std::string& bytes) {
    const std::string path = test::fresh_dir("io_gguf") + "/model.gguf";
    test::write_bytes(path, bytes);
    return open_checkpoint(path);
}

}  // namespace

TEST_CASE("gguf: every block type reads as the format's own package reads it") {
    const auto opened = open_checkpoint(own_fixture("gguf/types.gguf"));
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    const auto expected = open_checkpoint(own_fixture("gguf/types.safetensors")).value();
    int num_types = 0;
    for (const TensorInfo& tensor : expected->tensors) {
        INFO(tensor.name);
        const TensorInfo* found = (*opened)->find(tensor.name);
        REQUIRE(found != nullptr);
        CHECK(found->shape == tensor.shape);
        const auto ours = tensor_as_floats(**opened, *found).value();
        const auto theirs = tensor_as_floats(*expected, tensor).value();
        REQUIRE(ours.size() == theirs.size());
        for (std::size_t i = 0; i < ours.size(); ++i) {
            // A product of three in another order may differ in the last bit.
            CHECK(std::abs(ours[i] - theirs[i]) <= 3e-7f * std::max(1.0f, std::abs(theirs[i])));
        }
        ++num_types;
    }
    CHECK(num_types == 13);
}

TEST_CASE("gguf: MXFP4 blocks are a power of two times numbers of four bits") {
    std::string bytes = types_file();
    const std::string name =
        "IQ4_NL";  // its blocks have a byte more, so that those of the other type fit there
    const std::size_t type_at = bytes.find(name) + name.size() + 4 + 2 * 8;
    REQUIRE(bytes[type_at] == 20);
    bytes[type_at] = 39;
    const auto opened = open_changed(bytes);
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    const TensorInfo* tensor = (*opened)->find(name);
    REQUIRE(tensor != nullptr);
    CHECK(tensor->dtype == DType::MXFP4);
    const auto stored = (*opened)->bytes(*tensor);
    const auto numbers = tensor_as_floats(**opened, *tensor).value();
    REQUIRE(stored.size() * 32 == numbers.size() * 17);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const std::byte* block = stored.data() + i / 32 * 17;
        const auto pair = std::to_integer<unsigned>(block[1 + i % 16]),
                   bits = i % 32 < 16 ? pair & 15U : pair >> 4;
        // Sign, two bits of exponent, one of fraction; the exponent 0 has no leading 1.
        const unsigned exponent = bits >> 1 & 3U, fraction = bits & 1U;
        const double magnitude =
            exponent == 0 ? 0.5 * fraction : std::ldexp(1 + 0.5 * fraction, static_cast<int>(exponent) - 1);
        const double scale = std::ldexp(1.0, std::to_integer<int>(block[0]) - 127);
        CHECK(static_cast<double>(numbers[i]) ==
              static_cast<double>(static_cast<float>((bits & 8U ? -magnitude : magnitude) * scale)));
    }
}

TEST_CASE("gguf: settings become a config, rotary rows are put back in halves") {
    const auto checkpoint = open_checkpoint(own_fixture("gguf/types.gguf")).value();
    CHECK(checkpoint->format == "gguf");
    CHECK(checkpoint->config["model_type"] == "llama");
    CHECK(checkpoint->config["hidden_size"] == 8);
    CHECK(checkpoint->config["tie_word_embeddings"] == true);
    const TensorInfo* query = checkpoint->find("model.layers.0.self_attn.q_proj.weight");
    REQUIRE(query != nullptr);
    CHECK(query->num_rotary_heads == 2);
    const auto values = tensor_as_floats(*checkpoint, *query).value();
    std::vector<float> first_column;
    for (std::size_t row = 0; row < 8; ++row)
        first_column.push_back(values[row * 4]);
    // Stored rows 0 2 | 1 3 of a head are its halves.
    CHECK(first_column == std::vector<float>{0, 8, 4, 12, 16, 24, 20, 28});
}

TEST_CASE("gguf: every cut and many changed bytes are errors or harmless, never a crash") {
    const std::string bytes = types_file();
    for (std::size_t length = 0; length < bytes.size(); length += 29) {
        CHECK_FALSE(open_changed(bytes.substr(0, length)));
    }
    for (std::size_t at = 4; at < 1400 && at < bytes.size(); at += 3) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(0xff);
        const auto opened = open_changed(changed);
        if (!opened) continue;
        for (const TensorInfo& tensor : (*opened)->tensors)
            (void)tensor_as_floats(**opened, tensor);
    }
}

TEST_CASE("gguf: lengths that the file cannot hold are refused with their place") {
    std::string bytes = types_file();
    bytes[8] = bytes[9] = bytes[10] = '\xff';  // number of tensors
    const auto opened = open_changed(bytes);
    REQUIRE(!opened);
    CHECK(opened.error().kind == ErrorKind::Corrupt);
    CHECK(opened.error().message.find("16777215 tensors") != std::string::npos);
    std::string version = types_file();
    version[4] = 9;
    const auto other = open_changed(version);
    REQUIRE(!other);
    CHECK(other.error().kind == ErrorKind::Unsupported);
}

TEST_CASE("shared: a float32 GGUF holds the tensors of its safetensors model") {
    HEADLIGHT_NEEDS(shared_fixture("formats/gguf"));
    for (const auto& [file, model] :
         {std::pair{"formats/gguf/tiny_llama.F32.gguf", "formats/gguf_llama_base"},
          std::pair{"formats/gguf/tiny_gpt2.F32.gguf", "models/gpt2"}}) {
        const auto gguf = open_checkpoint(shared_fixture(file)).value();
        const auto base = open_checkpoint(shared_fixture(model)).value();
        for (const TensorInfo& tensor : base->tensors) {
            INFO(tensor.name);
            const TensorInfo* found = gguf->find(tensor.name);
            REQUIRE(found != nullptr);
            CHECK(found->shape == tensor.shape);
            CHECK(tensor_as_floats(*gguf, *found).value() == tensor_as_floats(*base, tensor).value());
        }
    }
}
