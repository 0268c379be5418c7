#include "io/json_file.h"

#include <cmath>
#include <limits>

#include "io/io_files.h"

using namespace headlight;

TEST_CASE("json: reads strict JSON") {
    const auto parsed = parse_json(R"({"a": [1, 2.5, "x\u00e9"], "b": null})", "f.json");
    REQUIRE(parsed);
    CHECK((*parsed)["a"][0] == 1);
    CHECK((*parsed)["a"][2] == "xé");
    CHECK((*parsed)["b"].is_null());
}

TEST_CASE("json: depth is bounded, brackets inside strings do not count") {
    const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    CHECK(parse_json(nested(kMaxJsonDepth), "f.json"));
    const auto deep = parse_json(nested(kMaxJsonDepth + 1), "f.json");
    REQUIRE(!deep);
    CHECK(deep.error().kind == ErrorKind::Corrupt);
    CHECK(deep.error().file == "f.json");
    CHECK(deep.error().offset == 64);
    CHECK(!parse_json(std::string(1000000, '['), "f.json"));
    CHECK(parse_json("[\"" + std::string(1000, '[') + "\\\"[\"]", "f.json"));
}

TEST_CASE("json: a syntax error names file and byte") {
    const auto broken = parse_json(R"({"a": 1,, "b": 2})", "f.json");
    REQUIRE(!broken);
    CHECK(broken.error().kind == ErrorKind::Corrupt);
    CHECK(broken.error().offset == 8);
    const auto cut = parse_json(R"({"a": [1, 2)", "f.json");
    REQUIRE(!cut);
    CHECK(cut.error().message.find("cut off") != std::string::npos);
    CHECK(!parse_json("", "f.json"));
    CHECK(!parse_json("{'a': 1}", "f.json"));
    CHECK(!parse_json("{\"a\": NaNs}", "f.json"));
    CHECK(!parse_json("{\"a\": +Infinity}", "f.json"));
    CHECK(!parse_json("{\"a\": Infinit}", "f.json"));
    CHECK(!parse_json("{\"\xff\": 1}", "f.json"));
}

TEST_CASE("json: numbers that only Python writes, a mark in front, the last of equal keys") {
    const auto parsed = parse_json(
        "\xEF\xBB\xBF"
        R"({"a": NaN, "b": [Infinity, -Infinity, 1e999, -1E+400, 5], "NaN": "Infinity \" NaN",
                                   "#": "#N", "c": 1e308, "c": 2})",
        "f.json");
    REQUIRE_MESSAGE(parsed, parsed.error().to_string());
    CHECK(std::isnan((*parsed)["a"].get<double>()));
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK((*parsed)["b"][0] == infinity);
    CHECK((*parsed)["b"][1] == -infinity);
    CHECK((*parsed)["b"][2] == infinity);
    CHECK((*parsed)["b"][3] == -infinity);
    CHECK((*parsed)["b"][4] == 5);
    CHECK((*parsed)["NaN"] == "Infinity \" NaN");
    CHECK((*parsed)["#"] == "#N");
    CHECK((*parsed)["c"] == 2);
    const auto whole = parse_json("[" + std::string(400, '9') + ", " + std::string(25, '9') + "]", "f.json");
    REQUIRE(whole);
    CHECK((*whole)[0] == infinity);
    CHECK((*whole)[1].get<double>() == 1e25);
}

TEST_CASE("json: what failed downloads leave is called by its name") {
    const auto page = parse_json("<!DOCTYPE html><html></html>", "config.json");
    REQUIRE(!page);
    CHECK(page.error().message.find("HTML") != std::string::npos);
    const auto pointer =
        parse_json("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "config.json");
    REQUIRE(!pointer);
    CHECK(pointer.error().message.find("git lfs pull") != std::string::npos);
}

TEST_CASE("json: duplicate keys are refused only when asked") {
    const char* text = R"({"a": {"x": 1, "y": 2}, "b": {"x": 1}, "a": 3})";
    CHECK(parse_json(text, "f.json"));
    const auto refused = parse_json(text, "f.json", true);
    REQUIRE(!refused);
    CHECK(refused.error().tensor == "a");
    CHECK(parse_json(R"({"a": {"x": 1}, "b": {"x": 1}})", "f.json", true));
}

TEST_CASE("json: files are bounded and may be absent") {
    const std::string folder = test::fresh_dir("io_json");
    test::write_bytes(folder + "/f.json", R"({"a": 1})");
    CHECK(read_json_file(folder + "/f.json"));
    CHECK(read_json_file(folder + "/f.json", 3).error().kind == ErrorKind::InvalidInput);
    CHECK(read_json_file(folder + "/none.json").error().kind == ErrorKind::Missing);
    CHECK(!read_json_file(folder));
}
