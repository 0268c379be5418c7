// headlight dilute, and the heads that analyze finds.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "cli/run_headlight.h"

using namespace headlight;
using test::has;
using test::run_headlight;

namespace {

nlohmann::json diluted(const std::string& options) {
    const auto outcome = run_headlight("dilute --text 'So Emma went to the' " + options);
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    return nlohmann::json::parse(outcome.out);
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        out.push_back(line);
    return out;
}

}  // namespace

TEST_CASE("dilute: rows of every length and head with uniform nulls") {
    HEADLIGHT_NEEDS(test::engine_path());
    const auto json = diluted("--fact 'Emma lived in the white house.' --lengths 64,128,256 --json -");
    CHECK(json["begin_token"] == true);
    CHECK(json["trained_length"] == 256);
    REQUIRE(json["rows"].size() == 3 * 24);
    const std::size_t t = json["target"].size(), m = json["fact"].size();
    REQUIRE(t > 3);
    REQUIRE(m > 3);
    for (const auto& row : json["rows"]) {
        CHECK(row["experiment"] == "start");
        const double n = row["length"];
        // The target's rows see n - t + 1 to n keys.
        double sink = 0, fact = 0, keys = 0;
        for (std::size_t i = 0; i < t; ++i) {
            const double seen = n - static_cast<double>(i);
            sink += 1 / seen / static_cast<double>(t);
            fact += static_cast<double>(m) / seen / static_cast<double>(t);
            keys += seen / static_cast<double>(t);
        }
        CHECK(row["sink_null"].get<double>() == doctest::Approx(sink));
        CHECK(row["fact_null"].get<double>() == doctest::Approx(fact));
        CHECK(row["effective_keys_null"].get<double>() == doctest::Approx(keys));
        CHECK(row["entropy_normalized_null"] == 1);
        CHECK(row["last_null"].get<double>() == doctest::Approx(16 * sink));
        for (const char* id : {"sink", "fact", "last", "entropy_normalized"}) {
            CHECK(row[id].get<double>() >= 0);
            CHECK(row[id].get<double>() <= 1.0001);
            CHECK(row[std::string(id) + "_sd"].get<double>() >= 0);
        }
        CHECK(row["effective_keys"].get<double>() >= 1);
        CHECK(row["effective_keys"].get<double>() <= n);
    }
    REQUIRE(json["losses"].size() == 3);
    CHECK(json["losses"][0]["loss"].get<double>() > 0);
    CHECK(json["losses"][2]["beyond_trained"] == false);
}

TEST_CASE("dilute: two experiments, text and figures, and what it does not claim") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string folder = test::fresh_dir("dilution");
    const auto outcome = run_headlight(
        "dilute --text 'So Emma went to the' --fact 'Emma lived in the white house.' --lengths 64,128 "
        "--fact-place "
        "both --format svg --output-dir " +
        test::quoted(folder));
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(has(outcome.out, "fact at the start: its distance grows"));
    CHECK(has(outcome.out, "fact just before the target: its distance stays"));
    CHECK(has(outcome.out, "effective keys"));
    CHECK(outcome.out.find("effective keys") < outcome.out.find("entropy / ln n"));
    CHECK(has(outcome.out, "it does not say that the model cannot use a long context"));
    CHECK(has(test::read_file(folder + "/dilution_start.svg"), "<svg"));
    CHECK(has(test::read_file(folder + "/dilution_near.svg"), "uniform head"));
}

TEST_CASE("dilute: the same numbers again, own filler, and lengths that cannot be") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string options = "--fact 'Emma lived in the white house.' --lengths 64 --json -";
    CHECK(diluted(options) == diluted(options));
    const std::string folder = test::fresh_dir("filler");
    test::write_file(folder + "/short.txt", "One sentence only.\nOne sentence only.\n");
    const std::string command = "dilute --text 'So Emma went to the' --fact 'x y.' ";
    const auto too_little =
        run_headlight(command + "--lengths 128 --filler " + test::quoted(folder + "/short.txt"));
    CHECK(too_little.code == 2);
    CHECK(has(too_little.err, "without a sentence twice"));
    const auto too_short = run_headlight(command + "--lengths 8");
    CHECK(too_short.code == 2);
    CHECK(has(too_short.err, "no room"));
    // Rotary positions go on beyond those of the config; the reader is told.
    const auto beyond = diluted("--fact 'x y.' --lengths 64,512 --json -");
    CHECK(beyond["losses"][1]["beyond_trained"] == true);
    CHECK(has(beyond["notes"].dump(), "another regime"));
    CHECK(run_headlight("dilute --lengths 64").code == 2);
}

TEST_CASE("dilute: a model without a tokenizer takes ids, and filler from its vocabulary") {
    HEADLIGHT_NEEDS(test::engine_path());
    const auto outcome =
        run_headlight("dilute --model " + test::quoted(test::source_dir() + "/tests/fixtures/gpt2") +
                      " --text '5 6 7' --fact '8 9' --lengths 16,24 --json -");
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const auto json = nlohmann::json::parse(outcome.out);
    CHECK(json["begin_token"] == false);
    CHECK(has(json["notes"].dump(), "no begin token"));
    CHECK(json["target"].size() == 3);
}

TEST_CASE("analyze --where: heads by an expression, and --heads-csv: every metric of them") {
    HEADLIGHT_NEEDS(test::engine_path());
    const std::string analyze = "analyze --no-plots --text 'The cat sat on the mat. The cat sat.' ";
    const std::string path = test::fresh_dir("heads") + "/heads.csv";
    const auto all = run_headlight(analyze + "--json - --heads-csv " + test::quoted(path));
    REQUIRE_MESSAGE(all.code == 0, all.err);
    const auto json = nlohmann::json::parse(all.out);
    const std::vector<std::string> lines = lines_of(test::read_file(path));
    REQUIRE(lines.size() == json["heads"].size() + 1);
    const auto cells = [](const std::string& line) {
        std::vector<std::string> out;
        std::istringstream in(line + ",");
        for (std::string cell; std::getline(in, cell, ',');)
            out.push_back(cell);
        return out;
    };
    const std::vector<std::string> names = cells(lines[0]);
    for (std::size_t row = 1; row < lines.size(); ++row) {
        const std::vector<std::string> values = cells(lines[row]);
        REQUIRE(values.size() == names.size());
        const auto& metrics = json["heads"][row - 1]["metrics"];
        for (std::size_t i = 7; i < names.size(); ++i) {
            if (!metrics.contains(names[i])) continue;
            CAPTURE(names[i]);
            if (metrics[names[i]].is_null())
                CHECK(values[i].empty());
            else
                CHECK(std::stod(values[i]) == metrics[names[i]].get<double>());
        }
    }
    const auto some =
        run_headlight(analyze + "--where 'layer < 1 and head >= 4' --heads-csv " + test::quoted(path));
    REQUIRE(some.code == 0);
    CHECK(has(some.out, "2 of 24 heads: layer < 1 and head >= 4"));
    CHECK(has(some.out, "L0H4"));
    CHECK(lines_of(test::read_file(path)).size() == 3);
    const auto weights = run_headlight(analyze + "--where 'qk_top5 > 0 and entropy >= 0'");
    CHECK(has(weights.out, "24 of 24 heads"));
    CHECK(has(weights.out, "qk_top5"));
    const auto wrong = run_headlight(analyze + "--where 'entrpy < 1'");
    CHECK(wrong.code == 2);
    CHECK(has(wrong.err, "did you mean entropy"));
}
