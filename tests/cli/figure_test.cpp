// figure, render, recipe: every kind from the bundled demo, made again byte for byte, and what reviewers must
// not read.
#include <doctest/doctest.h>

#include "cli/run_headlight.h"

using namespace headlight;
using test::has;
using test::run_headlight;
using Json = nlohmann::json;

namespace {

constexpr const char* kText = "The cat sat on the mat. It was fluffy.";

/// What each kind needs beside the text.
struct KindCase {
    const char* kind;
    const char* options;
};
constexpr KindCase kKindCases[] = {
    {"heatmap", "--layer 1 --head 5"},
    {"grid", "--layer 1"},
    {"lines", "--heads 0.1,1.5 --share 80"},
    {"qk", "--layer 1 --head 5 --query 5"},
    {"topk", "--heads 0.1,1.5 --query 6"},
    {"flow", ""},
    {"rollout", "--query 8 --key 1"},
    {"layers", "--heads 1.5"},
    {"attribution", "--answer-id 300"},
    {"lens", ""},
    {"patching", "--answer-id 300 --rival-id 301 --corrupt-text 'The dog sat on the mat. It was fluffy.'"},
    {"circuit", "--answer-id 300 --rival-id 301 --corrupt-text 'The dog sat on the mat. It was fluffy.'"},
    {"compare", "--other-text 'The dog sat on the mat. It was fluffy.'"},
    {"generation", "--max-new-tokens 6"},
    {"dilution", "--lengths 32,64"},
};
constexpr const char* kEndings[] = {"pdf", "svg", "png", "pgf"};
constexpr const char* kColumns[] = {"1", "2", "slide", "poster"};

std::string figure_of(const std::string& kind, const std::string& options, const std::string& output) {
    return "figure " + kind + " --text " + test::quoted(kText) + " " + options + " --output " +
           test::quoted(output);
}

}  // namespace

TEST_CASE("figure: every kind, in each format and size, is made again byte for byte from its file") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const std::string folder = test::fresh_dir("figure_kinds");
    std::size_t number = 0;
    for (const KindCase& one : kKindCases) {
        CAPTURE(one.kind);
        const std::string ending = kEndings[number % 4], column = kColumns[number / 4 % 4];
        ++number;
        const std::string first = folder + "/" + one.kind + "." + ending,
                          again = folder + "/again/" + one.kind + "." + ending;
        const auto made =
            run_headlight(figure_of(one.kind, std::string(one.options) + " --column " + column, first));
        REQUIRE_MESSAGE(made.code == 0, made.err);
        const auto rendered =
            run_headlight("render " + test::quoted(first) + " --output " + test::quoted(again));
        REQUIRE_MESSAGE(rendered.code == 0, rendered.err);
        CHECK_FALSE(has(rendered.err, "This is not what made"));
        const bool is_same = test::read_file(first) == test::read_file(again);
        CHECK(is_same);
        const auto recipe = run_headlight("recipe " + test::quoted(first) + " --json");
        REQUIRE(recipe.code == 0);
        const Json json = test::parse(recipe.out);
        CHECK(json["panels"][0]["kind"] == one.kind);
        CHECK(json["options"]["text"] == kText);
        CHECK(json["model"]["weights_sha256"].get<std::string>().size() == 64);
        CHECK(json["ids"].size() > 5);
    }
}

TEST_CASE("render: a changed option is applied, another text is told apart, a panel keeps its own") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const std::string folder = test::fresh_dir("figure_render"), first = folder + "/first.svg";
    REQUIRE(
        run_headlight(figure_of("heatmap", "--layer 1 --head 5 --column 1 --panel 'lines --head 3'", first))
            .code == 0);
    const std::string wide = folder + "/wide.svg";
    const auto changed = run_headlight("render " + test::quoted(first) + " --column 2 --layer 0 --output " +
                                       test::quoted(wide));
    REQUIRE_MESSAGE(changed.code == 0, changed.err);
    const Json json = test::parse(run_headlight("recipe " + test::quoted(wide) + " --json").out);
    CHECK(json["options"]["column"] == "2");
    CHECK(json["options"]["layer"] == "0");
    CHECK(json["panels"][1]["options"]["head"] == "3");
    const auto other = run_headlight("render " + test::quoted(first) + " --text 'A dog ran.' --output " +
                                     test::quoted(folder + "/other.svg"));
    REQUIRE(other.code == 0);
    CHECK(has(other.err, "This is not what made the figure:"));
    CHECK(has(other.err, "text:"));
    // Through the recipe as JSON.
    const std::string recipe = folder + "/recipe.json", again = folder + "/again.svg";
    test::write_file(recipe, run_headlight("recipe " + test::quoted(first) + " --json").out);
    REQUIRE(run_headlight("render " + test::quoted(recipe) + " --output " + test::quoted(again)).code == 0);
    CHECK(test::read_file(again) == test::read_file(first));
}

TEST_CASE("render: another model is said with what differs") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const std::string other = test::own_fixture("gpt2");
    HEADLIGHT_NEEDS(other);
    const std::string folder = test::fresh_dir("figure_model"), first = folder + "/first.svg";
    REQUIRE(run_headlight("figure heatmap --ids 1,2,3,4 --output " + test::quoted(first)).code == 0);
    const auto rendered = run_headlight("render " + test::quoted(first) + " --model " + test::quoted(other) +
                                        " --output " + test::quoted(folder + "/other.svg"));
    REQUIRE_MESSAGE(rendered.code == 0, rendered.err);
    CHECK(has(rendered.err, "model: "));
    CHECK(has(rendered.err, "weights: SHA-256"));
    CHECK(has(rendered.err, "config: SHA-256"));
}

TEST_CASE("figure: without a recipe nothing of text and path is in the file") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const std::string folder = test::fresh_dir("figure_anonymous");
    for (const char* ending : kEndings) {
        CAPTURE(ending);
        const std::string path = folder + "/flow." + ending;
        REQUIRE(run_headlight(figure_of("flow", "--no-recipe", path)).code == 0);
        const std::string bytes = test::read_file(path);
        CHECK_FALSE(has(bytes, "headlight-recipe"));
        CHECK_FALSE(has(bytes, "fluffy"));
        CHECK_FALSE(has(bytes, test::demo_path()));
        CHECK(run_headlight("recipe " + test::quoted(path)).code == 1);
    }
}

TEST_CASE("figure: training curves of a log") {
    const std::string folder = test::fresh_dir("figure_log");
    test::write_file(folder + "/metrics.jsonl",
                     "{\"step\": 0, \"point\": \"POST_STEP\", \"values\": {\"loss\": 3.5}}\n");
    const std::string path = folder + "/curves.svg";
    const auto made =
        run_headlight("figure training --model " + test::quoted(folder) + " --output " + test::quoted(path));
    INFO(made.err);
    if (made.code == 0) CHECK(has(test::read_file(path), "loss"));
}

TEST_CASE("figure: wrong use is told with what there is") {
    for (const std::string arguments :
         {"figure hologram --output x.pdf", "figure heatmap --text a",
          "figure heatmap --text a --output x.bmp", "figure flow --text a --answer b --output x.pdf",
          "figure heatmap --text a --column 3 --output x.pdf",
          "figure heatmap --text a --layer nine --output x.pdf",
          "figure heatmap --text a --panel 'lines --dark' --output x.pdf"}) {
        CAPTURE(arguments);
        const auto outcome = run_headlight(arguments);
        CHECK(outcome.code == 2);
        CHECK(has(outcome.err, "error: "));
    }
    CHECK(run_headlight("recipe " + test::quoted(test::demo_path() + "/config.json")).code == 1);
    CHECK(run_headlight("render /no/such/figure.pdf --output x.pdf").code == 1);
}
