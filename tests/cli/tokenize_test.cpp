#include <doctest/doctest.h>

#include "cli/run_headlight.h"

using namespace headlight;
using test::has;
using test::run_headlight;

namespace {

/// A vocabulary of four merges: enough to see ids, pieces and offsets.
std::string tiny_tokenizer() {
    const std::string folder = test::fresh_dir("cli_tokenizer");
    nlohmann::json vocab = nlohmann::json::object();
    // Bytes as the byte-level alphabet writes them; "Ġ" is the space, "Ã©" the two bytes of é.
    const char* pieces[] = {"a", "b", "c", "Ġ", "Ã", "©", "ab", "Ġa", "Ġab", "Ã©"};
    for (const char* piece : pieces)
        vocab[piece] = vocab.size();
    test::write_file(folder + "/vocab.json", vocab.dump());
    test::write_file(folder + "/merges.txt", "#version: 0.2\na b\nĠ a\nĠ ab\nÃ ©\n");
    return folder;
}

std::string line(const std::string& text) {
    return nlohmann::json{{"text", text}}.dump() + "\n";
}

}  // namespace

TEST_CASE("tokenize --jsonl: one object a line, offsets in code points") {
    const std::string folder = tiny_tokenizer();
    const auto outcome = run_headlight("tokenize --jsonl --model " + test::quoted(folder),
                                       line("éab ab") + line("") + line("c"));
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    std::istringstream lines(outcome.out);
    std::string text;
    REQUIRE(std::getline(lines, text));
    const auto first = test::parse(text);
    CHECK(first["ids"] == nlohmann::json({9, 6, 8}));
    CHECK(first["tokens"] == nlohmann::json({"Ã©", "ab", "Ġab"}));
    REQUIRE(first["offsets"].size() == 3);
    CHECK(first["offsets"][0] == nlohmann::json({0, 1}));
    CHECK(first["offsets"][1] == nlohmann::json({1, 3}));
    CHECK(first["offsets"][2][1] == 6);
    REQUIRE(std::getline(lines, text));
    CHECK(test::parse(text)["ids"].empty());
    REQUIRE(std::getline(lines, text));
    CHECK(test::parse(text)["ids"] == nlohmann::json({2}));
    CHECK_FALSE(std::getline(lines, text));
}

TEST_CASE("tokenize --bytes counts bytes") {
    const auto outcome =
        run_headlight("tokenize --jsonl --bytes --model " + test::quoted(tiny_tokenizer()), line("éab"));
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(test::parse(outcome.out)["offsets"] == nlohmann::json({{0, 2}, {2, 4}}));
}

TEST_CASE("tokenize: a broken line is named") {
    const auto outcome = run_headlight("tokenize --jsonl --model " + test::quoted(tiny_tokenizer()),
                                       line("a") + "{\"text\": 3}\n");
    CHECK(outcome.code == 1);
    CHECK(has(outcome.err, "line 2"));
    const auto syntax = run_headlight("tokenize --jsonl --model " + test::quoted(tiny_tokenizer()), "{\n");
    CHECK(syntax.code == 1);
    CHECK(has(syntax.err, "line 1"));
}

TEST_CASE("tokenize: a table of a text") {
    const auto outcome = run_headlight("tokenize --model " + test::quoted(tiny_tokenizer()) + " 'ab c'");
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    CHECK(has(outcome.out, "characters"));
    CHECK(has(outcome.out, "0-2"));
}

TEST_CASE("tokenize: ids of the reference for a real tokenizer") {
    const std::string folder = test::shared_fixture("models/smollm");
    HEADLIGHT_NEEDS(folder + "/cases.json");
    const auto cases = test::parse(test::read_file(folder + "/cases.json"));
    std::string input;
    for (const auto& text : cases["texts"])
        input += nlohmann::json{{"text", text}}.dump() + "\n";
    const auto outcome = run_headlight("tokenize --jsonl --model " + test::quoted(folder), input);
    REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
    std::istringstream lines(outcome.out);
    std::string text;
    for (std::size_t i = 0; i < cases["texts"].size(); ++i) {
        REQUIRE(std::getline(lines, text));
        CHECK_MESSAGE(test::parse(text)["ids"] == cases["ids"][i], cases["texts"][i]);
    }
}
