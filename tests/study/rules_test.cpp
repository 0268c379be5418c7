// Saved rules on disk, expressions bounded in time, and a scan that tests a rule like any detector.
#include <doctest/doctest.h>

#include <chrono>

#include "analysis/detector_examples.h"
#include "study/rules/rule_files.h"
#include "study/rules/rule_patterns.h"
#include "study/scan_world.h"

using namespace headlight;
using namespace headlight::test;

namespace {

void write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

std::string error_of(const std::string& text) {
    const std::string path = fresh_dir("rules") + "/broken.json";
    write(path, text);
    const auto rules = read_rules(path);
    return rules ? std::string() : rules.error().to_string();
}

}  // namespace

TEST_CASE("rules: an expression looks at the token's text, its space included") {
    const std::vector<Token> tokens = text_tokens({"<s>", "The", " red", " Bread", "."});
    const std::vector<TokenLabel> labels = label_tokens(tokens);
    const auto keys = [&](const std::string& pattern) {
        const auto rule = read_rule("query: at 4; key: /" + pattern + "/");
        REQUIRE_MESSAGE(rule, rule.error().message);
        return rule->pairs({tokens, labels}, true)->keys;
    };
    CHECK(keys("re") == std::vector<std::uint32_t>{2, 3});
    CHECK(keys("^ [A-Z]") == std::vector<std::uint32_t>{3});
    CHECK(keys("^<s>$") == std::vector<std::uint32_t>{0});
    CHECK(keys("\\p{Lu}") == std::vector<std::uint32_t>{1, 3});
    CHECK(keys("\\.") == std::vector<std::uint32_t>{4});
    CHECK(!read_rule("key: /[/"));
    CHECK(read_rule("key: /[/").error().message.find("character 6") != std::string::npos);
}

TEST_CASE("rules: an expression that goes back and forth ends with an error, in time") {
    const auto rule = read_rule("key: /^(a+)+(a+)+(a+)+$/");
    REQUIRE(rule);
    std::vector<std::string> texts;
    for (int i = 0; i < 60; ++i)
        texts.push_back(std::string(40 + static_cast<std::size_t>(i), 'a') + "!");
    const std::vector<Token> tokens = text_tokens(texts);
    const std::vector<TokenLabel> labels = label_tokens(tokens);
    const auto start = std::chrono::steady_clock::now();
    CHECK(!rule->pairs({tokens, labels}, true));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}

TEST_CASE("rules: saved, read, deleted; the folder's before the model's") {
    const std::string folder = fresh_dir("own") + "/rules", model = fresh_dir("model");
    OwnRule rule{"names, near", *read_rule("key: capital; offset 1..4"), 0.3, {}};
    CHECK(!save_rule(folder, rule));  // no comma in a name
    rule.name = "names near";
    REQUIRE(save_rule(folder, rule));
    write(
        model + "/headlight_rules.json",
        R"({"format": "headlight-rules", "version": 1, "rules": [{"name": "names near", "rule": "self"}, {"name": "first", "rule": "key: at 0"}]})");
    write(folder + "/zz.json", "{");
    std::vector<std::string> problems;
    const std::vector<OwnRule> all = read_all_rules(folder, model, problems);
    REQUIRE(all.size() == 2);
    CHECK(all[0].rule.text() == "key: capital; offset 1..4");
    CHECK(all[0].threshold == doctest::Approx(0.3));
    CHECK(all[1].name == "first");
    CHECK(problems.size() == 1);
    CHECK(delete_rule(folder, "names near"));
    CHECK(!delete_rule(folder, "names near"));
    problems.clear();
    CHECK(read_all_rules({}, model + "/config.json", problems).size() == 2);
    CHECK(read_all_rules(folder + "/nowhere", {}, problems).empty());
}

TEST_CASE("rules: files of strangers") {
    const std::string head = R"({"format": "headlight-rules", "version": 1, "rules": )";
    CHECK(error_of("[]").find("format") != std::string::npos);
    CHECK(error_of(R"({"format": "headlight-rules", "version": 2, "rules": []})").find("version") !=
          std::string::npos);
    CHECK(error_of(head + "3}").find("list") != std::string::npos);
    CHECK(error_of(head + "[3]}").find("rule 1") != std::string::npos);
    CHECK(error_of(head + R"([{"name": "a"}]})").find("'a'") != std::string::npos);
    CHECK(error_of(head + R"([{"name": "a", "rule": "key: nothing"}]})").find("character 6") !=
          std::string::npos);
    CHECK(error_of(head + R"([{"name": "../a", "rule": "self"}]})").find("letters") != std::string::npos);
    CHECK(error_of(head + R"([{"name": "a", "rule": "self", "threshold": 7}]})").find("threshold") !=
          std::string::npos);
    CHECK(error_of(head + R"([{"name": "a b", "rule": "self"}, {"name": "a_b", "rule": "self"}]})")
              .find("twice") != std::string::npos);
    std::string many = head + "[";
    for (int i = 0; i < 101; ++i)
        many +=
            (i > 0 ? "," : "") + std::string(R"({"name": "n)") + std::to_string(i) + R"(", "rule": "self"})";
    CHECK(error_of(many + "]}").find("101") != std::string::npos);
    CHECK(!error_of(std::string(kMostRuleFileBytes + 1, ' ')).empty());
    CHECK(error_of(head + "[]}").empty());
}
