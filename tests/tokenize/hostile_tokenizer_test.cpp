// Tokenizer files that are made to hurt: each is refused in words, or works within bounds.
#include "tokenize/cases.h"
#include "tokenize/made_files.h"

using namespace headlight;
using nlohmann::json;

namespace {

json word_tokenizer() {
    return {{"model", {{"type", "WordLevel"}, {"vocab", {{"a", 0}, {"<unk>", 1}}}, {"unk_token", "<unk>"}}}};
}

Result<TokenizerPtr> open_text(const std::string& text) {
    const std::string file = test::fresh_dir("tokenize_hostile") + "/tokenizer.json";
    std::ofstream(file, std::ios::binary) << text;
    return open_tokenizer(file);
}

Error refusal(const std::string& text) {
    const auto opened = open_text(text);
    REQUIRE(!opened);
    CHECK(opened.error().file.ends_with("tokenizer.json"));
    CHECK(!opened.error().message.empty());
    return opened.error();
}

}  // namespace

TEST_CASE("hostile: a pattern that backtracks without end stops") {
    json file = word_tokenizer();
    file["pre_tokenizer"] = {{"type", "Split"},
                             {"pattern", {{"Regex", "(a|aa|a?)+$"}}},
                             {"behavior", "Isolated"},
                             {"invert", false}};
    const auto opened = open_text(file.dump());
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    const auto tokens = (*opened)->try_encode(std::string(5000, 'a') + "!", false);
    REQUIRE(!tokens);
    CHECK(tokens.error().kind == ErrorKind::Unsupported);
}

TEST_CASE("hostile: patterns that nest without end are refused or compiled, never a crash") {
    json file = word_tokenizer();
    std::string nested = "a";
    for (int i = 0; i < 3000; ++i)
        nested = "(" + nested + ")*";
    file["pre_tokenizer"] = {
        {"type", "Split"}, {"pattern", {{"Regex", nested}}}, {"behavior", "Isolated"}, {"invert", false}};
    const auto opened = open_text(file.dump());
    if (opened) CHECK((*opened)->encode("aaab", false).tokens.size() >= 1);
    file["pre_tokenizer"]["pattern"]["Regex"] = "((((";
    CHECK(refusal(file.dump()).kind == ErrorKind::Unsupported);
}

TEST_CASE("hostile: depth, ids and steps are bounded") {
    CHECK(refusal(std::string(100000, '[')).kind == ErrorKind::Corrupt);
    json file = word_tokenizer();
    file["model"]["vocab"]["a"] = std::int64_t{1} << 31;
    CHECK(refusal(file.dump()).kind == ErrorKind::Corrupt);
    file = word_tokenizer();
    file["model"]["vocab"]["a"] = (1 << 30);
    CHECK(refusal(file.dump()).kind == ErrorKind::Corrupt);
    json steps = {{"type", "NFC"}};
    for (int i = 0; i < 20; ++i)
        steps = {{"type", "Sequence"}, {"normalizers", json::array({steps})}};
    file = word_tokenizer();
    file["normalizer"] = steps;
    CHECK(refusal(file.dump()).message.find("Sequence") != std::string::npos);
}

TEST_CASE("hostile: normalisers that multiply a text are stopped") {
    json file = word_tokenizer();
    const json grow = {
        {"type", "Replace"}, {"pattern", {{"String", "a"}}}, {"content", std::string(1000, 'a')}};
    file["normalizer"] = {{"type", "Sequence"}, {"normalizers", json::array({grow, grow, grow, grow})}};
    const auto opened = open_text(file.dump());
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    const auto tokens = (*opened)->try_encode("aaaa", false);
    REQUIRE(!tokens);
    CHECK(tokens.error().message.find("longer than") != std::string::npos);
}

TEST_CASE("hostile: SentencePiece files that lie are refused before the library sees them") {
    const auto refused = [](const std::string& bytes) {
        const std::string file = test::fresh_dir("tokenize_hostile_spm") + "/x.model";
        std::ofstream(file, std::ios::binary) << bytes;
        const auto opened = open_tokenizer(file);
        REQUIRE(!opened);
        CHECK(opened.error().file.ends_with("x.model"));
        return opened.error().kind == ErrorKind::Corrupt;
    };
    CHECK(
        refused(std::string("\x0A\xFF\xFF\xFF\xFF\x7F"
                            "abc",
                            9)));  // a piece longer than the file
    CHECK(
        refused(std::string("\x0A\x03\x0A\x01"
                            "a\x12\x03\xC0\x02\x09",
                            11)));  // an unknown piece that is none
    CHECK(refused("<html></html>"));
    CHECK(refused(std::string(64, '\0')));
}

TEST_CASE("hostile: a table of characters that points outside itself never reaches the library") {
    // ModelProto { pieces { piece: "<unk>" type: UNKNOWN } normalizer_spec { precompiled_charsmap: ... } }
    std::string table(4 + 4 * 256, '\0');
    table[1] = 4;       // 1024 bytes of units
    table[7] = '\x7F';  // the first leads far away
    table += std::string("a\0", 2);
    const std::string unknown = std::string("\x0A\x09\x0A\x05<unk>\x18\x02", 11);
    const std::string spec = std::string("\x12", 1) + static_cast<char>(0x80 | (table.size() & 0x7F)) +
                             static_cast<char>(table.size() >> 7) + table;
    const std::string proto = unknown + "\x1A" + static_cast<char>(0x80 | (spec.size() & 0x7F)) +
                              static_cast<char>(spec.size() >> 7) + spec;
    const std::string file = test::fresh_dir("tokenize_hostile_map") + "/x.model";
    std::ofstream(file, std::ios::binary) << proto;
    const auto opened = open_tokenizer(file);
    REQUIRE(!opened);
    CHECK(opened.error().message.find("outside itself") != std::string::npos);
}
