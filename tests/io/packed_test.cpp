// Packed weights against what their libraries unpack them to, and what is refused.
#include "io/checkpoint/packed/number_writer.h"
#include "io/checkpoint/packed/unpack_weights.h"
#include "io/checkpoint/tensor_values.h"
#include "io/io_files.h"
#include "support/largest_difference.h"

using namespace headlight;
using test::own_fixture;
namespace fs = std::filesystem;

namespace {

/// A copy of a packed folder with other settings.
Result<CheckpointPtr> with_settings(const std::string& from, const std::string& config) {
    const std::string folder = test::fresh_dir("packed_settings");
    fs::copy_file(own_fixture("quantised/" + from + "/model.safetensors"), folder + "/model.safetensors");
    test::write_bytes(folder + "/config.json", config);
    return open_checkpoint(folder);
}

/// The same with bytes of the file replaced; both texts are equally long.
Result<CheckpointPtr> with_bytes(const std::string& from, const std::string& old,
                                 const std::string& changed) {
    const std::string folder = test::fresh_dir("packed_bytes");
    std::string bytes = test::read_bytes(own_fixture("quantised/" + from + "/model.safetensors"));
    const std::size_t at = bytes.find(old);
    REQUIRE(at != std::string::npos);
    REQUIRE(old.size() == changed.size());
    test::write_bytes(folder + "/model.safetensors", bytes.replace(at, old.size(), changed));
    fs::copy_file(own_fixture("quantised/" + from + "/config.json"), folder + "/config.json");
    return open_checkpoint(folder);
}

}  // namespace

TEST_CASE("packed: every kind unpacks as its library does") {
    for (const std::string name : {"nf4", "nf4_double", "fp4", "int8", "gptq", "gptq_order", "awq"}) {
        INFO(name);
        const auto opened = open_checkpoint(own_fixture("quantised/" + name));
        REQUIRE_MESSAGE(opened, opened.error().to_string());
        const auto expected = open_checkpoint(own_fixture("quantised/" + name + ".safetensors")).value();
        CHECK((*opened)->tensors.size() == 1);
        const TensorInfo* found = (*opened)->find("m.weight");
        REQUIRE(found != nullptr);
        CHECK(found->shape == std::vector<std::int64_t>{16, 64});
        const auto ours = tensor_as_floats(**opened, *found).value();
        const auto theirs = tensor_as_floats(*expected, *expected->find("m.weight")).value();
        // SCB / 127 is rounded once more than the library does.
        CHECK(test::largest_difference(ours, theirs) <= (name == "int8" ? 3e-7 : 0.0));
    }
    CHECK(open_checkpoint(own_fixture("quantised/nf4")).value()->find("m.weight")->dtype == DType::BFloat16);
}

TEST_CASE("packed: layers that their library keeps turned stay what their family expects") {
    const std::string config =
        R"({"model_type": "gpt2", "quantization_config": {"quant_method": "awq", "bits": 4,
        "group_size": 16}})";
    CHECK_FALSE(with_settings("awq", config).value()->find("m.weight")->is_transposed);
    CHECK(is_conv1d(nlohmann::json::parse(config), "transformer.h.0.attn.c_attn"));
    CHECK_FALSE(is_conv1d(nlohmann::json::parse(config), "lm_head"));
    CHECK_FALSE(is_conv1d(nlohmann::json::parse(R"({"model_type": "gpt_bigcode"})"), "h.0.attn.c_attn"));
}

TEST_CASE("packed: what is not read is named") {
    const auto refused = [](const Result<CheckpointPtr>& opened) {
        REQUIRE(!opened);
        return opened.error();
    };
    const Error method =
        refused(with_settings("gptq", R"({"quantization_config": {"quant_method": "hqq", "bits": 4}})"));
    CHECK(method.kind == ErrorKind::Unsupported);
    CHECK(method.message.find("quant_method 'hqq'") != std::string::npos);
    CHECK(refused(with_settings("gptq", R"({"quantization_config": {"quant_method": "gptq", "bits": 3}})"))
              .message.find("bits '3'") != std::string::npos);
    CHECK(refused(
              with_settings("gptq", R"({"quantization_config": {"bits": 4, "checkpoint_format": "marlin"}})"))
              .message.find("marlin") != std::string::npos);
    CHECK(refused(
              with_settings("awq", R"({"quantization_config": {"quant_method": "awq", "version": "GEMV"}})"))
              .message.find("gemv") != std::string::npos);
    // Groups that do not fit the inputs, where no g_idx says them.
    CHECK(
        refused(with_settings("awq", R"({"quantization_config": {"quant_method": "awq", "group_size": 7}})"))
            .kind == ErrorKind::Corrupt);
    CHECK(refused(with_bytes("int8", "m.weight\"", "m.waight\"")).kind == ErrorKind::Corrupt);
}

TEST_CASE("packed: lies about four bits are found") {
    for (const auto& [old, changed] :
         std::vector<std::pair<std::string, std::string>>{{"[16, 64]", "[16, 65]"},
                                                          {"[16, 64]", "[-6, 64]"},
                                                          {"[16, 64]", "[1,9999]"},
                                                          {"\"blocksize\": 64", "\"blocksize\": 32"},
                                                          {"\"blocksize\": 64", "\"blocksize\": -4"},
                                                          {"bfloat16", "bfloat64"},
                                                          {"m.weight.absmax", "m.weight.absmix"}}) {
        INFO(changed);
        const auto opened = with_bytes("nf4", old, changed);
        REQUIRE(!opened);
        CHECK(opened.error().tensor.starts_with("m.weight"));
    }
}

TEST_CASE("packed: int8 rows that bitsandbytes cannot have written are refused") {
    std::string changed = test::read_bytes(own_fixture("quantised/int8/model.safetensors"));
    for (char& byte : changed)
        if (byte == 127 || byte == -127) byte = 126;
    const std::string folder = test::fresh_dir("packed_int8");
    test::write_bytes(folder + "/model.safetensors", changed);
    const auto opened = open_checkpoint(folder);
    REQUIRE(!opened);
    CHECK(opened.error().kind == ErrorKind::Corrupt);
    CHECK(opened.error().message.find("bitsandbytes") != std::string::npos);
    CHECK(opened.error().tensor == "m.weight");
}

TEST_CASE("packed: numbers are rounded to the nearest half and bfloat16") {
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        const auto half = static_cast<std::uint16_t>(bits);
        const float value = half_to_float(half), wide = bfloat16_to_float(half);
        if (value == value) CHECK(float_to_half(value) == half);
        if (wide == wide) CHECK(float_to_bfloat16(wide) == half);
    }
    CHECK(float_to_half(65519.0f) == 0x7BFF);
    CHECK(float_to_half(65520.0f) == 0x7C00);
    CHECK(float_to_half(1.0f + 1.0f / 2048) == 0x3C00);  // halfway: to even
    CHECK(float_to_half(1.0f + 3.0f / 2048) == 0x3C02);  // halfway: to even
    CHECK(float_to_half(0x1p-25f) == 0);                 // half of the least: to even
    CHECK(float_to_half(-0x1.8p-24f) == 0x8002);
    CHECK(float_to_bfloat16(1.0f + 1.0f / 256) == 0x3F80);
    CHECK(float_to_bfloat16(1.0f + 3.0f / 256) == 0x3F82);
}
