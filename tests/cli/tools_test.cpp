// inspect, selftest.
#include <doctest/doctest.h>

#include <cstdint>

#include "cli/run_headlight.h"

using namespace headlight;
using test::has;
using test::run_headlight;

namespace {

/// A checkpoint of two tensors, written by hand.
std::string tiny_checkpoint() {
    const std::string folder = test::fresh_dir("cli_checkpoint");
    const nlohmann::json header = {
        {"h.0.w", {{"dtype", "F32"}, {"shape", {2, 3}}, {"data_offsets", {0, 24}}}},
        {"h.1.w", {{"dtype", "F32"}, {"shape", {2, 3}}, {"data_offsets", {24, 48}}}},
    };
    const std::string text = header.dump();
    const std::uint64_t size = text.size();
    std::string bytes(reinterpret_cast<const char*>(&size), 8);
    bytes += text + std::string(48, '\0');
    test::write_file(folder + "/model.safetensors", bytes);
    test::write_file(folder + "/config.json",
                     R"({"model_type": "gpt2", "n_layer": 2, "n_head": 1, "n_embd": 3})");
    return folder;
}

}  // namespace

TEST_CASE("inspect: tensors, parameters and family, without the engine") {
    const std::string folder = tiny_checkpoint();
    const auto outcome = run_headlight("inspect --json " + test::quoted(folder));
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const auto json = test::parse(outcome.out);
    CHECK(json["stored_parameters"] == 12);
    CHECK(json["tensors"].size() == 2);
    CHECK(json["tensors"][0]["shape"] == nlohmann::json({2, 3}));
    CHECK(json["tensors"][0]["dtype"] == "float32");
    CHECK(json["family"] == "gpt2");
    CHECK(json["layers"] == 2);
    CHECK(json["tokenizer"].contains("error"));
    const auto text = run_headlight("inspect " + test::quoted(folder));
    CHECK(has(text.out, "h.*.w"));
    CHECK(has(text.out, "x2"));
    CHECK(has(text.out, "gpt2 (supported)"));
}

TEST_CASE("inspect: a broken checkpoint is an error, not a crash") {
    const std::string folder = tiny_checkpoint();
    std::filesystem::resize_file(folder + "/model.safetensors", 60);
    const auto outcome = run_headlight("inspect " + test::quoted(folder));
    CHECK(outcome.code == 1);
    CHECK(outcome.err.rfind("error: ", 0) == 0);
}

TEST_CASE("selftest --fixtures: a table of parity") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::shared_fixture("models/models.json"));
    const auto outcome = run_headlight("selftest --fixtures " + test::quoted(test::shared_fixture("")));
    CHECK_MESSAGE(outcome.code == 0, outcome.out, outcome.err);
    CHECK(has(outcome.out, "gpt2"));
    CHECK(has(outcome.out, "smollm"));
}
