// headlight.json: names, cuts, transpositions, and what is refused.
#include "io/checkpoint/custom_model.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <fstream>
#include <numeric>

#include "io/checkpoint/checkpoint.h"
#include "io/checkpoint/custom_rules.h"
#include "io/checkpoint/tensor_values.h"
#include "support/fixtures.h"

using namespace headlight;
using nlohmann::json;

namespace {

/// One matrix "blocks.0.qkv" [2, 6] with the numbers 0 to 11, one vector "blocks.0.b" [6] with 0 to 5.
std::string folder_with(const std::string& name, const json& description) {
    const std::string folder = test::fresh_dir(name);
    const json header = {{"blocks.0.b", {{"dtype", "F32"}, {"shape", {6}}, {"data_offsets", {0, 24}}}},
                         {"blocks.0.qkv", {{"dtype", "F32"}, {"shape", {2, 6}}, {"data_offsets", {24, 72}}}}};
    std::string text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    const std::uint64_t size = text.size();
    std::vector<float> values(18);
    std::iota(values.begin(), values.begin() + 6, 0.0f);
    std::iota(values.begin() + 6, values.end(), 0.0f);
    std::ofstream out(folder + "/model.safetensors", std::ios::binary);
    out.write(reinterpret_cast<const char*>(&size), sizeof size);
    out << text;
    out.write(reinterpret_cast<const char*>(values.data()), 72);
    std::ofstream(folder + "/headlight.json") << description.dump();
    return folder;
}

json description(json weights) {
    return {{"family", "headlight"}, {"config", {{"num_heads", 2}}}, {"weights", std::move(weights)}};
}

std::vector<float> values_of(const Checkpoint& checkpoint, const char* name) {
    const TensorInfo* tensor = checkpoint.find(name);
    REQUIRE_MESSAGE(tensor != nullptr, name);
    const auto values = tensor_as_floats(checkpoint, *tensor);
    REQUIRE(values);
    return *values;
}

Error error_of(const std::string& name, const json& description) {
    const auto opened = open_checkpoint(folder_with(name, description));
    REQUIRE(!opened);
    return opened.error();
}

}  // namespace

TEST_CASE("custom model: a cut tensor stored [in, out] and a cut vector") {
    const json weights = {
        {{"match", R"(blocks\.(\d+)\.qkv)"},
         {"name", {"layers.$1.query", "layers.$1.key", "layers.$1.value"}},
         {"transpose", true}},
        {{"match", R"(blocks\.(\d+)\.b)"}, {"name", {"layers.$1.query_bias", "layers.$1.key_bias"}}}};
    const auto opened = open_checkpoint(folder_with("custom_cut", description(weights)));
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    CHECK((*opened)->config["model_type"] == "headlight");
    CHECK((*opened)->config["num_heads"] == 2);
    CHECK((*opened)->find("layers.0.key")->shape == std::vector<std::int64_t>{2, 2});
    // Columns 2 and 3 of the rows 0..5 and 6..11, turned around.
    CHECK(values_of(**opened, "layers.0.key") == std::vector<float>{2, 8, 3, 9});
    CHECK(values_of(**opened, "layers.0.value") == std::vector<float>{4, 10, 5, 11});
    CHECK(values_of(**opened, "layers.0.query_bias") == std::vector<float>{0, 1, 2});
    CHECK(values_of(**opened, "layers.0.key_bias") == std::vector<float>{3, 4, 5});
    CHECK((*opened)->tensors.size() == 5);
}

TEST_CASE("custom model: the first rule that fits counts, others keep their name, skipped ones go") {
    const json weights = {{{"match", R"(blocks\.0\.b)"}, {"skip", true}},
                          {{"match", ".*"}, {"name", "table"}}};
    const auto opened = open_checkpoint(folder_with("custom_skip", description(weights)));
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    REQUIRE((*opened)->tensors.size() == 1);
    CHECK((*opened)->tensors[0].name == "table");
}

TEST_CASE("custom model: a description that fits no tensor leaves the file alone") {
    const auto opened =
        open_checkpoint(folder_with("custom_other", description({{{"match", "layer_norm"}, {"name", "x"}}})));
    REQUIRE(opened);
    CHECK((*opened)->find("blocks.0.qkv") != nullptr);
    CHECK((*opened)->config.is_null());
}

TEST_CASE("custom model: an open size is asked for by name") {
    json open = description({{{"match", ".*qkv"}, {"name", "x"}}});
    open["config"] = {{"num_heads", nullptr}, {"hidden_size", 4}};
    const Error error = error_of("custom_open", open);
    CHECK(error.kind == ErrorKind::Missing);
    CHECK(error.message.find("num_heads") != std::string::npos);
    CHECK(error.message.find("hidden_size") == std::string::npos);
    CHECK(error.file.ends_with("headlight.json"));
}

TEST_CASE("custom model: rules that cannot be meant are errors with their number") {
    const auto with = [](const json& rule) { return description({rule}); };
    CHECK(error_of("custom_count", with({{"match", "(a{1000}){1000}"}, {"name", "x"}}))
              .message.find("weights[0]") != std::string::npos);
    CHECK(error_of("custom_bracket", with({{"match", "("}, {"name", "x"}})).kind == ErrorKind::Corrupt);
    CHECK(error_of("custom_back", with({{"match", R"((b)\1)"}, {"name", "x"}})).kind == ErrorKind::Corrupt);
    CHECK(error_of("custom_noname", with({{"match", ".*"}})).kind == ErrorKind::Corrupt);
    CHECK(error_of("custom_list", {{"family", "gpt2"}, {"weights", "all"}}).kind == ErrorKind::Corrupt);
    CHECK(error_of("custom_uneven", with({{"match", ".*b"}, {"name", {"p", "q", "r", "s"}}})).kind ==
          ErrorKind::Unsupported);
    CHECK(error_of("custom_vector", with({{"match", ".*b"}, {"name", "p"}, {"transpose", true}})).tensor ==
          "blocks.0.b");
}

TEST_CASE("custom model: a pattern that backtracks without end elsewhere ends here") {
    Checkpoint checkpoint;
    TensorInfo tensor;
    tensor.name = std::string(400, 'a');
    checkpoint.tensors.push_back(tensor);
    const auto rules = read_weight_rules({{{"match", "(a+)+b"}, {"name", "x"}}}, "headlight.json");
    REQUIRE_MESSAGE(rules, rules.error().to_string());
    const auto renamed = apply_weight_rules(*rules, checkpoint, "headlight.json");
    REQUIRE_MESSAGE(renamed, renamed.error().to_string());
    CHECK(renamed->num_matched == 0);
}
