// validate: nine parts on the bundled demo against numbers that tests/validation/validate_check.py recomputed
// with the reference implementation; a random model; wrong use.
#include <doctest/doctest.h>

#include <cmath>

#include "cli/run_headlight.h"

using namespace headlight;
using test::has;
using test::run_headlight;
using Json = nlohmann::json;

namespace {

const Json& table(const Json& report, int part, const char* name) {
    return report["tests"][static_cast<std::size_t>(part - 1)]["tables"][name];
}

void check_near(const Json& found, const Json& expected, double tolerance, const std::string& what) {
    INFO(what);
    REQUIRE(found.is_null() == expected.is_null());
    if (expected.is_null()) return;
    const double value = expected.get<double>();
    CHECK(std::abs(found.get<double>() - value) <= tolerance * std::max(1.0, std::abs(value)));
}

void compare_heads(const Json& report, const Json& expected) {
    struct Column {
        int part;
        const char* name;
        double tolerance;
    };
    const Column columns[] = {{2, "near_lift", 5e-4},
                              {2, "far_lift", 5e-4},
                              {3, "repeat_lift", 5e-4},
                              {4, "spread", 1e-4},
                              {4, "entropy_normalized", 1e-4},
                              {4, "entropy_without_sink", 1e-4},
                              {5, "document_row_std", 1e-4},
                              {6, "corrected", 1e-4},
                              {6, "aligned", 1e-4},
                              {6, "document_variation", 1e-4}};
    for (const Column& column : columns) {
        const Json& rows = table(report, column.part, "heads");
        REQUIRE(rows.size() == 24);
        for (std::size_t i = 0; i < rows.size(); ++i)
            check_near(rows[i][column.name], expected["heads"][i][column.name], column.tolerance,
                       column.name + (" of head " + std::to_string(i)));
    }
}

}  // namespace

TEST_CASE("validate: the demo's numbers are those of the reference implementation") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const Json expected =
        test::parse(test::read_file(test::source_dir() + "/tests/validation/demo_expected.json"));
    const std::string page = test::fresh_dir("cli_validate") + "/report.html";
    const auto outcome = run_headlight("validate --checkpoint " + test::quoted(test::demo_path()) +
                                       " --json - --html " + test::quoted(page));
    REQUIRE_MESSAGE((outcome.code == 0 || outcome.code == 1), outcome.err);
    const Json report = test::parse(outcome.out);
    CHECK((outcome.code == 1) == !report["summary"]["critical"].empty());
    REQUIRE(report["tests"].size() == 9);
    CHECK(report["sequence_length"] == 128);
    CHECK(report["sequences"] == expected["sequences"]);
    compare_heads(report, expected);
    for (std::size_t layer = 0; layer < 4; ++layer) {
        check_near(table(report, 7, "layers")[layer]["state_diversity"],
                   expected["layers"][layer]["state_diversity"], 1e-4, "diversity");
        check_near(table(report, 7, "layers")[layer]["mantel_correlation"],
                   expected["layers"][layer]["mantel_correlation"], 2e-3, "Mantel");
    }
    for (const Json& row : table(report, 9, "baselines")) {
        const Json& wanted = expected["baselines"][row["name"].get<std::string>()];
        check_near(row["loss"], wanted["loss"], 1e-4, "loss");
        check_near(row["delta"], wanted["delta"], 1e-4, "delta");
        CHECK(row["low"].get<double>() <= row["delta"].get<double>());
        CHECK(row["high"].get<double>() >= row["delta"].get<double>());
    }
    const Json& gates = table(report, 8, "gates");
    REQUIRE(gates.size() == expected["gates"].size());
    for (std::size_t i = 0; i < gates.size(); ++i)
        check_near(gates[i]["gradient"], expected["gates"][i]["gradient"], 2e-4, "gate");
    const std::string html = test::read_file(page);
    CHECK(has(html, "[9/9] Ablation Study (Does Attention Help?)"));
    CHECK_FALSE(has(html, "http:"));
    CHECK_FALSE(has(html, "https:"));  // nothing is fetched
}

TEST_CASE("validate: an untrained model is called that, with exit code 1 and every part on paper") {
    HEADLIGHT_NEEDS(test::engine_path());
    const auto outcome = run_headlight(
        "validate --embedding-dimension 32 --number-of-heads 2 --number-of-layers 2 --seq_len 32 --sequences "
        "12");
    REQUIRE_MESSAGE(outcome.code == 1, outcome.err);
    for (int part = 1; part <= 9; ++part)
        CHECK(has(outcome.out, "[" + std::to_string(part) + "/9] "));
    CHECK(has(outcome.out, "✓ All rows sum to 1.0 (max error: "));
    CHECK(has(outcome.out, "❌ Nearly uniform (mean ρ: 0.0"));
    CHECK(has(outcome.out, "Found "));
    CHECK(has(outcome.out, " attention parameter groups ("));
    CHECK(has(outcome.out, "Learned attention: loss="));
    CHECK(has(outcome.out, "❌ Critical issues: "));
    CHECK(has(outcome.out, "CONCLUSION:"));
    CHECK(has(outcome.out, "Untrained"));
}

TEST_CASE("validate: wrong use exits with 2") {
    CHECK(run_headlight("validate --seq_len 1").code == 2);
    CHECK(run_headlight("validate --unknown").code == 2);
}
