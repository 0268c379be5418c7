// analyze --weights: lists, JSON, dump and pictures as the weights shown.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "cli/run_headlight.h"

using namespace headlight;
using test::has;
using test::run_headlight;

namespace {

std::string tiny(const std::string& options) {
    return std::string("analyze --no-plots --ids 70,81,74,91,75 ") + test::tiny_random() + " " + options;
}

/// Rows of a head as the JSON lists them: every key with its value, 0 where none is listed.
std::vector<double> listed(const std::string& weights, int head) {
    const auto outcome = run_headlight(
        tiny("--json - --weights " + weights + (weights == "effect" ? " --answer-id 77 --rival-id 92" : "")));
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const auto json = nlohmann::json::parse(outcome.out);
    CHECK(json["weights"] == weights);
    std::vector<double> cells(25, 0.0);
    const auto& rows = json["heads"][static_cast<std::size_t>(head)]["top_keys"];
    for (std::size_t query = 0; query < 5; ++query)
        for (const auto& key : rows[query])
            cells[query * 5 + key["key"].get<std::size_t>()] = key["weight"].get<double>();
    return cells;
}

}  // namespace

TEST_CASE("analyze --weights no-sink: rows without the first key sum to 1 again") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::vector<double> raw = listed("raw", 2), shown = listed("no-sink", 2);
    CHECK(shown[0] == 0);  // the first row sees nothing else
    CHECK(shown[20] == 0);
    for (std::size_t cell = 21; cell < 25; ++cell)
        CHECK(shown[cell] == doctest::Approx(raw[cell] / (1 - raw[20])).epsilon(1e-4));
}

TEST_CASE("analyze --weights: lengths grow with the weight, effects have signs and need an answer") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::vector<double> raw = listed("raw", 5), norm = listed("norm", 5), effect = listed("effect", 5);
    // |f_j| and the effect of one unit belong to the key where no norm is on the output: the same in each
    // row.
    CHECK(norm[20] / raw[20] == doctest::Approx(norm[15] / raw[15]).epsilon(1e-4));
    bool has_below = false, has_above = false;
    for (const double cell : effect) {
        has_below |= cell < 0;
        has_above |= cell > 0;
    }
    CHECK(has_below);
    CHECK(has_above);
    const auto without = run_headlight(tiny("--weights effect"));
    CHECK(without.code == 2);
    CHECK(has(without.err, "--answer"));
    const auto text = run_headlight(tiny("--weights effect --answer-id 77"));
    REQUIRE(text.code == 0);
    CHECK(has(text.out, "Shown: direct effect on "));
    CHECK((has(text.out, "(effect: +") || has(text.out, "(effect: -")));
}

TEST_CASE("analyze --weights: a picture a head, with its own scale; stored attention knows no values") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string folder = test::fresh_dir("weights_pictures"), dump = folder + "/d.safetensors";
    const auto drawn =
        run_headlight(std::string("analyze --ids 70,81,74,91,75 ") + test::tiny_random() +
                      " --weights no-sink --layer 1 --format svg --output-dir " + test::quoted(folder));
    REQUIRE_MESSAGE(drawn.code == 0, drawn.err);
    const std::string picture = test::read_file(folder + "/layer_1_head_0.svg");
    CHECK(has(picture, "hatched: taken out"));
    CHECK(has(picture, "weights without the sink"));
    CHECK_FALSE(std::filesystem::exists(folder + "/layer_1_all_heads.svg"));
    REQUIRE(run_headlight(tiny("--dump " + test::quoted(dump))).code == 0);
    const std::string stored = "analyze --no-plots --model " + test::quoted(dump);
    CHECK(run_headlight(stored + " --weights no-sink").code == 0);
    const auto refused = run_headlight(stored + " --weights norm");
    CHECK(refused.code == 2);
    CHECK(has(refused.err, "needs the model"));
}
