// find: rules and drawings over the demo, and what they have in common with what is known of it.
#include <doctest/doctest.h>

#include "cli/run_headlight.h"

using namespace headlight;
using test::has;
using test::run_headlight;
using Json = nlohmann::json;

namespace {

const std::string kText = "She was very happy. She was very happy.";

std::string find_line(const std::string& rest) {
    return "find --model " + test::quoted(test::demo_path()) + " --text " + test::quoted(kText) + " " + rest;
}

Json rows_of(const std::string& rest) {
    const auto outcome = run_headlight(find_line(rest + " --json -"));
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    return test::parse(outcome.out);
}

/// A .npy of float32, [count, count].
std::string npy(int count, const std::vector<float>& values) {
    std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(count) +
                         ", " + std::to_string(count) + "), }";
    header.resize((10 + header.size() + 1 + 63) / 64 * 64 - 11, ' ');
    header += '\n';
    std::string out("\x93NUMPY\x01\x00", 8);
    out += static_cast<char>(header.size() & 0xFF);
    out += static_cast<char>(header.size() >> 8);
    out += header;
    out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    return out;
}

}  // namespace

TEST_CASE("find: a rule's rows are those of the detector with the same pairs") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const Json rows = rows_of("--rule 'after same token'");
    REQUIRE(rows.size() == 24);
    const auto analyzed = run_headlight("analyze --no-plots --model " + test::quoted(test::demo_path()) +
                                        " --text " + test::quoted(kText) + " --json -");
    REQUIRE_MESSAGE(analyzed.code == 0, analyzed.err);
    const Json heads = test::parse(analyzed.out)["heads"];
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (const char* key :
             {"layer", "head", "mass", "null", "lift", "kappa", "cosine", "pearson", "p", "q"})
            REQUIRE(rows[i].contains(key));
        for (const Json& tag : heads[i]["tags"]) {
            if (tag["id"] != "induction") continue;
            CHECK(rows[i]["mass"].get<double>() == doctest::Approx(tag["score"].get<double>()).epsilon(1e-4));
            CHECK(rows[i]["null"].get<double>() == doctest::Approx(tag["null"].get<double>()).epsilon(1e-6));
        }
        CHECK(rows[i]["p"].get<double>() > 0);
        CHECK(rows[i]["p"].get<double>() <= 1);
        CHECK(rows[i]["q"].get<double>() >= rows[i]["p"].get<double>());
    }
}

TEST_CASE("find: the stripe that is drawn is the rule of its offset; no p from shifts") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const Json rule = rows_of("--rule 'offset 1'");
    CHECK(rule[0]["p"].is_null());
    CHECK(rule[0]["q"].is_null());
    CHECK(rule[0]["p_rows"].is_number());
    const int count = rule[0]["rows"].get<int>() + 1;  // every row but the first
    std::vector<float> cells(static_cast<std::size_t>(count * count), 0.0f);
    for (int query = 1; query < count; ++query)
        cells[static_cast<std::size_t>(query * count + query - 1)] = 3;
    const std::string file = test::fresh_dir("find") + "/stripe.npy";
    test::write_file(file, npy(count, cells));
    const Json drawn = rows_of("--drawing " + test::quoted(file));
    REQUIRE(drawn.size() == rule.size());
    for (std::size_t i = 0; i < rule.size(); ++i) {
        for (const auto& [key, value] : rule[i].items()) {
            if (value.is_number())
                CHECK(drawn[i][key].get<double>() == doctest::Approx(value.get<double>()));
            else
                CHECK(drawn[i][key] == value);
        }
    }
    const auto outcome = run_headlight(find_line("--drawing " + test::quoted(file) + " --top-k 3"));
    CHECK(outcome.code == 0);
    CHECK(has(outcome.out, "no p from shifts"));
    CHECK(has(outcome.out, "holds for this text only"));
}

TEST_CASE("find: what cannot be is said in one line") {
    const auto check = [](const std::string& rest, int code, const std::string& words) {
        const auto outcome = run_headlight(find_line(rest));
        CHECK(outcome.code == code);
        CHECK_MESSAGE(has(outcome.err, words), outcome.err);
    };
    check("", 2, "--rule or --drawing");
    check("--rule self --drawing x.npy", 2, "one of the two");
    check("--rule 'key: captial'", 2, "character 6");
    check("--rule self --order beauty", 2, "mass, kappa");
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    check("--drawing /no/such/drawing.npy", 1, "drawing.npy");
    check("--rule 'key: id 99999'", 2, "no pair");
    const std::string file = test::fresh_dir("find_broken") + "/small.npy";
    test::write_file(file, npy(2, {0, 0, 1, 0}));
    check("--drawing " + test::quoted(file), 2, "[2, 2]");
}

TEST_CASE("scan --rules: saved rules are tested like the other detectors, also when journals are merged") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const std::string folder = test::fresh_dir("scan_rules"), rules = folder + "/rules.json";
    test::write_file(rules, R"({"format": "headlight-rules", "version": 1, "rules": [
        {"name": "step back", "rule": "offset 1", "threshold": 0.5}, {"name": "my copies", "rule": "after same token"}]})");
    std::string text;
    for (int copy = 0; copy < 3; ++copy)
        text += test::read_file(test::source_dir() + "/README.md");
    test::write_file(folder + "/a.txt", text);
    test::write_file(folder + "/b.txt", text);
    const std::string line = "scan --model " + test::quoted(test::demo_path()) + " --corpus " +
                             test::quoted(folder + "/a.txt") + " " + test::quoted(folder + "/b.txt") +
                             " --sequences 8 --length 32 --no-controls --output-dir ";
    const auto scanned =
        run_headlight(line + test::quoted(folder + "/out") + " --rules " + test::quoted(rules));
    REQUIRE_MESSAGE(scanned.code == 0, scanned.err);
    const Json atlas = test::parse(test::read_file(folder + "/out/atlas.json"));
    const std::string all = atlas.dump();
    CHECK(has(all, "own_step_back"));
    CHECK(has(all, "my copies (own)"));
    CHECK(has(test::read_file(folder + "/out/report.html"), "step back (own)"));
    const auto merged = run_headlight("scan --merge " + test::quoted(folder + "/out") + " --output-dir " +
                                      test::quoted(folder + "/merged"));
    REQUIRE_MESSAGE(merged.code == 0, merged.err);
    CHECK(test::read_file(folder + "/merged/atlas.json") == test::read_file(folder + "/out/atlas.json"));
    test::write_file(rules, "{}");
    const auto broken =
        run_headlight(line + test::quoted(folder + "/no") + " --rules " + test::quoted(rules));
    CHECK(broken.code == 1);
    CHECK(has(broken.err, "no saved rules"));
}
