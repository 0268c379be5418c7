// bench: passes of a model, products with stored weights, the reference's side.
#include <doctest/doctest.h>

#include <filesystem>

#include "cli/run_headlight.h"

using namespace headlight;
using test::has;
using test::run_headlight;

namespace {

/// A program in place of the interpreter.
std::string program(const std::string& name, const std::string& lines) {
    const std::string path = test::fresh_dir("bench_" + name) + "/python";
    test::write_file(path, "#!/bin/sh\n" + lines + "\n");
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
}

std::string beside(const std::string& python) {
    return "bench --tokens 4 --threads 1 --repeats 2 --json - --model " + test::quoted(test::demo_path()) +
           " --reference-python " + test::quoted(python);
}

}  // namespace

TEST_CASE("bench: rows with the promised numbers") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const auto outcome = run_headlight("bench --tokens 8,16 --threads 1 --repeats 2 --json -");
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const auto json = test::parse(outcome.out);
    REQUIRE(json["rows"].size() == 2);
    for (const auto& row : json["rows"]) {
        for (const char* name : {"tokens", "threads", "load_ms", "forward_ms", "capture_ms", "append_ms",
                                 "capture_processor_ms", "append_processor_ms", "peak_mb"}) {
            CHECK_MESSAGE(row[name].get<double>() > 0, name);
        }
        CHECK(row["reused_tokens"] == row["tokens"]);
    }
}

TEST_CASE("bench --kernels: a table for each list of shapes, of the types that its columns allow") {
    HEADLIGHT_NEEDS(test::engine_path());
    const auto outcome = run_headlight(
        "bench --kernels --shapes 48x64,40x256 --types F32,Q8_0,Q4_K --rows 1,3,16 --threads 1 --pool-mb 1 "
        "--json -");
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const auto json = test::parse(outcome.out);
    REQUIRE(json["tables"].size() == 2);
    CHECK(json["tables"][0]["rows"].size() == 2 * 3);  // 64 columns are no block of Q4_K
    CHECK(json["tables"][1]["rows"].size() == 3 * 3);
    CHECK(json["tables"][1]["weights"] == 40 * 256);
    const auto& row = json["tables"][1]["rows"][8];
    CHECK(row["type"] == "Q4_K");
    CHECK(row["rows"] == 16);
    CHECK(row["bytes"] == 40 * 144);
    for (const char* name : {"ms", "reference_ms", "ratio", "gb_per_s", "gflop_per_s"})
        CHECK_MESSAGE(row[name].get<double>() > 0, name);
    CHECK(json["pool_mb"] == 1);
    CHECK(json["extrapolated"].empty());
}

TEST_CASE("bench --kernels: shapes and types that are not known are named") {
    HEADLIGHT_NEEDS(test::engine_path());
    for (const char* wrong :
         {"--shapes 48x", "--shapes gpt9", "--shapes 0x64", "--types Q9_X --shapes 8x64"}) {
        const auto outcome = run_headlight(std::string("bench --kernels --pool-mb 1 ") + wrong);
        CHECK_MESSAGE(outcome.code == 2, wrong, ": ", outcome.err);
        CHECK(outcome.err.rfind("error: ", 0) == 0);
    }
}

TEST_CASE("bench --reference-python: the other side's times and memory stand beside ours") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const std::string python = program("answers", R"(read hello; echo '{"version": "fake 1"}'
while read line; do echo '{"ms": 2, "processor_ms": 4, "peak_mb": 3}'; done)");
    const auto outcome = run_headlight(beside(python));
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    const auto json = test::parse(outcome.out);
    CHECK(json["reference"] == "fake 1");
    REQUIRE(json["rows"].size() == 1);
    const auto& row = json["rows"][0];
    for (const char* name : {"eager_ms", "sdpa_ms", "sdpa_last_logits_ms", "reference_append_ms"})
        CHECK_MESSAGE(row[name] == 2, name);
    CHECK(row["eager_processor_ms"] == 4);
    CHECK(row["eager_peak_mb"] == 3);
    CHECK(row["capture_per_sdpa"].get<double>() == doctest::Approx(row["capture_ms"].get<double>() / 2));
}

TEST_CASE("bench --reference-python: what the interpreter says when it fails is passed on") {
    HEADLIGHT_NEEDS(test::engine_path());
    HEADLIGHT_NEEDS(test::demo_path() + "/config.json");
    const auto failed = run_headlight(beside(program("fails", "echo no module named torch >&2; exit 1")));
    CHECK(failed.code == 1);
    CHECK_MESSAGE(has(failed.err, "no module named torch"), failed.err);
    const auto garbled = run_headlight(beside(program("garbled", "while read line; do echo nonsense; done")));
    CHECK(garbled.code == 1);
    CHECK_MESSAGE(has(garbled.err, "nonsense"), garbled.err);
    const auto absent = run_headlight(beside("no/such/python"));
    CHECK(absent.code == 1);
    CHECK_MESSAGE(has(absent.err, "no/such/python"), absent.err);
}
