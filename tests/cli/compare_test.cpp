// compare: what differs is found where it must be, and nothing where nothing differs.
#include <doctest/doctest.h>

#include "cli/run_headlight.h"

using namespace headlight;
using test::has;
using test::run_headlight;
using Json = nlohmann::json;

namespace {

std::string compared(const std::string& rest) {
    return "compare --model " + test::quoted(test::demo_path()) + " --text 'She was very happy.' " + rest;
}

Json json_of(const std::string& rest) {
    const auto outcome = run_headlight(compared(rest + " --json -"));
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    return test::parse(outcome.out);
}

}  // namespace

TEST_CASE("compare: two texts, aligned tokens and a reference beside the heads") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const std::string dump = test::fresh_dir("compare") + "/compare.safetensors";
    const Json json = json_of("--other-text 'She was not happy.' --dump " + test::quoted(dump));
    CHECK(json["compared"] == "two texts");
    CHECK(json["prompt_pairs"] == 1);
    CHECK(json["rows_before_agree"] == true);
    REQUIRE(json["heads"].size() == 24);
    CHECK(json["aligned"].size() < json["a"]["tokens"].size());
    const int first = json["first_difference"].get<int>();
    CHECK(first > 0);
    CHECK(json["aligned"][static_cast<std::size_t>(first) - 1] == Json{first - 1, first - 1});
    CHECK(json["null"]["p95"].get<double>() > 0);
    CHECK(json["kl"].get<double>() > 0);
    double before = 1;
    for (const Json& head : json["heads"]) {  // most changed first
        const double jsd = head["jsd_after"].get<double>();
        CHECK(jsd <= before);
        CHECK(jsd >= head["jsd"].get<double>());  // rows that agree dilute the mean
        before = jsd;
    }
    CHECK(std::filesystem::file_size(dump) > 24 * 3 * sizeof(float));
}

TEST_CASE("compare: the same model finds no difference, a change only behind itself") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const Json same = json_of("--other-model " + test::quoted(test::demo_path()));
    CHECK(same["first_difference"].is_null());
    CHECK(same["kl"].get<double>() == doctest::Approx(0));
    for (const Json& head : same["heads"])
        CHECK(head["jsd"].get<double>() < 1e-9);
    const Json changed = json_of("--other-heads 1.2 --other-mode zero");
    CHECK(changed["compared"] == "before and after a change");
    CHECK(changed["b"]["label"] == "L1H2: zero output");
    CHECK(changed["heads"][0]["layer"].get<int>() > 1);
    for (const Json& head : changed["heads"])
        if (head["layer"].get<int>() <= 1) CHECK(head["jsd"].get<double>() == 0);
}

TEST_CASE("compare: two heads, and stored attention against its own run") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const Json heads = json_of("--head-a 0.2 --head-b 1.1");
    REQUIRE(heads["heads"].size() == 1);
    CHECK(heads["heads"][0]["other_layer"] == 1);
    CHECK(heads["heads"][0]["jsd"].get<double>() > 0.1);
    const std::string dump = test::fresh_dir("compare_stored") + "/dump.safetensors";
    const auto made = run_headlight("analyze --model " + test::quoted(test::demo_path()) +
                                    " --text 'She was very happy.' --no-plots --dump " + test::quoted(dump));
    REQUIRE_MESSAGE(made.code == 0, made.err);
    const Json stored = json_of("--other-model " + test::quoted(dump));
    CHECK(stored["b"]["stored"] == true);
    CHECK(stored["heads"][0]["jsd"].get<double>() < 1e-9);
    const std::string folder = test::fresh_dir("compare_pictures");
    const auto drawn =
        run_headlight("compare --model " + test::quoted(dump) + " --other-model " + test::quoted(dump) +
                      " --format svg --max-heads 2 --output-dir " + test::quoted(folder));
    REQUIRE_MESSAGE(drawn.code == 0, drawn.err);
    CHECK(has(drawn.out, "The same tokens on both sides."));
    CHECK(has(test::read_file(folder + "/compare_layer_0_head_0.svg"), "A − B"));
}

TEST_CASE("compare: one difference, and one only") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const auto none = run_headlight(compared(""));
    CHECK(none.code == 2);
    CHECK(has(none.err, "nothing to compare with"));
    const auto two = run_headlight(compared("--other-text b --other-heads 1.2"));
    CHECK(two.code == 2);
    CHECK(has(two.err, "one thing may differ"));
}
