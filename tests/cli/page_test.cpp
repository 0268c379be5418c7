// page: one HTML file of the demo, of stored attention and of chosen heads; what is refused, and how.
#include <doctest/doctest.h>

#include "cli/run_headlight.h"

using namespace headlight;
using test::has;
using test::run_headlight;
using Json = nlohmann::json;

namespace {

std::string page_line(const std::string& output, const std::string& rest) {
    return "page --model " + test::quoted(test::demo_path()) + " --output " + test::quoted(output) + " " +
           rest;
}

/// What stands in the page beside the cells.
Json data_of(const std::string& path) {
    const std::string page = test::read_file(path), mark = R"(<script type="application/json" id="data">)";
    const auto begin = page.find(mark);
    REQUIRE(begin != std::string::npos);
    return test::parse(page.substr(begin + mark.size(), page.find("</script>", begin) - begin - mark.size()));
}

}  // namespace

TEST_CASE("page: the demo's heads with metrics, patterns and predictions, as analyze has them") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const std::string path = test::fresh_dir("page") + "/demo.html",
                      text = " --text 'She was very happy. She was'";
    const auto outcome = run_headlight(page_line(path, text));
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(outcome.out.empty());
    CHECK(has(outcome.err, "no cell is off by more than"));
    const Json data = data_of(path);
    const auto told =
        run_headlight("analyze --no-plots --json - --model " + test::quoted(test::demo_path()) + text);
    REQUIRE_MESSAGE(told.code == 0, told.err);
    const Json analysis = test::parse(told.out);
    REQUIRE(data["heads"].size() == analysis["heads"].size());
    REQUIRE(data["queries"].size() == analysis["tokens"].size());
    CHECK(data["predictions"].size() == analysis["tokens"].size());
    CHECK(data["code"]["max_error"].get<double>() < 1e-4);
    for (std::size_t i = 0; i < data["heads"].size(); ++i) {
        const Json& head = data["heads"][i];
        for (std::size_t m = 0; m < data["metrics"].size(); ++m) {
            const Json& value = analysis["heads"][i]["metrics"][data["metrics"][m]["id"].get<std::string>()];
            if (value.is_number())
                CHECK(head["metrics"][m].get<double>() == doctest::Approx(value.get<double>()).epsilon(1e-5));
        }
    }
}

TEST_CASE("page: chosen heads, weights and units; what it cannot do is said") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const std::string folder = test::fresh_dir("page_options"),
                      text = " --text 'She was very happy. She was'";
    REQUIRE(
        run_headlight(page_line(folder + "/heads.html", "--heads 0.1,1.2 --weights no-sink" + text)).code ==
        0);
    const Json heads = data_of(folder + "/heads.html");
    CHECK(heads["heads"].size() == 2);
    CHECK(heads["weights"] == "no-sink");
    CHECK(heads["first"]["head"] == 1);
    REQUIRE(run_headlight(page_line(folder + "/words.html", "--by word --layer 1" + text)).code == 0);
    CHECK(data_of(folder + "/words.html")["unit"] == "word");
    const auto no_head = run_headlight(page_line(folder + "/none.html", "--heads 99.1" + text));
    CHECK(no_head.code == 2);
    CHECK(has(no_head.err, "there is no head 99.1"));
    CHECK_FALSE(std::filesystem::exists(folder + "/none.html"));
    CHECK(run_headlight("page --model " + test::quoted(test::demo_path()) + text).code == 2);  // no --output
}

TEST_CASE("page: stored attention needs no model") {
    const std::string dump = test::shared_fixture("dumps/attention.npz");
    HEADLIGHT_NEEDS(dump);
    const std::string path = test::fresh_dir("page_dump") + "/dump.html";
    const auto outcome =
        run_headlight("page --model " + test::quoted(dump) + " --output " + test::quoted(path));
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const Json data = data_of(path);
    CHECK(data["predictions"].empty());
    CHECK(data["measured"]["source"] == "attention.npz");  // no folder of this machine
    CHECK(run_headlight("page --text x --model " + test::quoted(dump) + " --output " + test::quoted(path))
              .code == 2);
}
