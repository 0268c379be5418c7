#include <fmt/format.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "tokenize/cases.h"

using namespace headlight;

namespace {

// The small model beside a config with the given text.
TokenizerPtr open_with(const std::string& name, const std::string& config) {
    const std::string folder = test::fresh_dir("tokenize_spm_" + name);
    std::filesystem::copy(test::source_dir() + "/tests/tokenize/data/sentencepiece/tokenizer.model", folder);
    if (!config.empty()) std::ofstream(folder + "/tokenizer_config.json") << config;
    const auto opened = open_tokenizer(folder);
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    return *opened;
}

std::string joined(const TokenizedText& tokens) {
    std::string out;
    for (const Token& token : tokens.tokens)
        out += (out.empty() ? "" : "|") + token.display;
    return out;
}

// One field of a protocol buffer whose content has a length below 128.
std::string field(int number, const std::string& content) {
    return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(content.size())} + content;
}

std::string piece_field(const std::string& text, float score, char type) {
    std::string bytes(sizeof score, '\0');
    std::memcpy(bytes.data(), &score, sizeof score);
    return field(1, field(1, text) + "\x15" + bytes + std::string{'\x18', type});
}

}  // namespace

// Ids and spans of sentencepiece 0.2.3 for the same model.
TEST_CASE("sentencepiece: likelihoods with bytes, and of spellings that tie the one that the library takes") {
    std::string model = piece_field("<unk>", 0, 2) + piece_field("<s>", 0, 3) + piece_field("</s>", 0, 3);
    for (int byte = 0; byte < 256; ++byte)
        model += piece_field(fmt::format("<0x{:02X}>", byte), 0, 6);
    for (const char* piece : {"▁", "a", "b", "c"})
        model += piece_field(piece, -1, 1);
    for (const char* piece : {"ab", "bc", "▁a"})
        model += piece_field(piece, -2, 1);
    model += field(2, std::string("\x18\x01\x98\x02\x01\xC0\x02\x00", 8)) + field(3, field(1, "identity"));
    const std::string file = test::fresh_dir("tokenize_spm_ties") + "/m.model";
    std::ofstream(file, std::ios::binary) << model;
    const auto opened = open_tokenizer(file);
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    const TokenizedText tokens = (*opened)->encode("abc é👍 ab");
    CHECK(tokens.ids() == std::vector<std::int32_t>{265, 264, 259, 198, 172, 243, 162, 148, 144, 259, 263});
    REQUIRE(tokens.tokens.size() == 11);
    CHECK(tokens.tokens[1].byte_begin == 1);
    CHECK(tokens.tokens[1].byte_end == 3);
    for (int i = 5; i <= 8; ++i) {
        CHECK(tokens.tokens[static_cast<std::size_t>(i)].byte_begin == 6);
        CHECK(tokens.tokens[static_cast<std::size_t>(i)].byte_end == 10);
    }
    CHECK((*opened)->encode("abab bc").ids() == std::vector<std::int32_t>{259, 263, 263, 259, 264});
}

TEST_CASE("sentencepiece: BOS and EOS as the config says, none without") {
    CHECK(open_with("plain", "")->encode("the").ids().front() != 1);
    CHECK(open_with("no_bos", R"({"add_bos_token": false})")->encode("the").ids().front() != 1);
    const auto both = open_with("eos", R"({"add_bos_token": true, "add_eos_token": true})");
    const TokenizedText tokens = both->encode("the");
    CHECK(tokens.tokens.front().is_special);
    CHECK(tokens.tokens.front().id == 1);
    CHECK(tokens.ids().back() == 2);
    CHECK(both->encode("the", false).ids().back() != 2);
    CHECK(both->encode("").ids() == std::vector<std::int32_t>{1, 2});
}

TEST_CASE("sentencepiece: a model file by itself is SentencePiece, control symbols are plain text to it") {
    const auto alone =
        open_tokenizer(test::source_dir() + "/tests/tokenize/data/sentencepiece/tokenizer.model");
    REQUIRE(alone);
    for (const Token& token : (*alone)->encode("the</s>").tokens)
        CHECK(!token.is_special);
    const auto folder = open_with("as_folder", "");
    CHECK(folder->encode("the</s>").ids().back() == 2);
}

TEST_CASE("sentencepiece: bytes of one character share its span") {
    const TokenizedText tokens = open_with("bytes", "")->encode("the é", false);
    REQUIRE(tokens.tokens.size() >= 3);
    const Token &first = tokens.tokens[tokens.tokens.size() - 2], &last = tokens.tokens.back();
    CHECK(first.piece == "<0xC3>");
    CHECK(first.display == "⟨C3⟩");
    CHECK(last.piece == "<0xA9>");
    for (const Token* token : {&first, &last}) {
        CHECK(token->byte_begin == 4);
        CHECK(token->byte_end == 6);
    }
}

TEST_CASE("sentencepiece: special tokens typed as text, spans into the given bytes") {
    const TokenizedText tokens = open_with("typed", "")->encode("the\xff</s>cat");
    CHECK(joined(tokens).find("|</s>|") != std::string::npos);
    for (const Token& token : tokens.tokens) {
        if (token.id != 2) continue;
        CHECK(token.byte_begin == 4);
        CHECK(token.byte_end == 8);
    }
    CHECK(tokens.tokens.back().byte_end == 11);
}

TEST_CASE("sentencepiece: newer files put a space before the first word only") {
    const auto legacy = open_with("legacy", R"({"legacy": true})"),
               newer = open_with("newer", R"({"legacy": false})");
    CHECK(joined(legacy->encode("the</s>the", false)) ==
          joined(legacy->encode("the", false)) + "|</s>|" + joined(legacy->encode("the", false)));
    CHECK(newer->encode("the", false).ids() == legacy->encode("the", false).ids());
    const TokenizedText bare = newer->encode("the</s>the", false);
    CHECK(bare.tokens.back().display.find("·") == std::string::npos);
    CHECK(newer->encode(" the", false).ids() == legacy->encode("the", false).ids());
}

TEST_CASE("sentencepiece: what is no model is refused with its name") {
    const std::string folder = test::fresh_dir("tokenize_spm_garbage");
    std::ofstream(folder + "/tokenizer.model") << "this is no model at all";
    const auto opened = open_tokenizer(folder);
    REQUIRE(!opened);
    CHECK(opened.error().kind == ErrorKind::Corrupt);
    CHECK(opened.error().file.ends_with("tokenizer.model"));
    std::ofstream(folder + "/tokenizer.model", std::ios::trunc);
    CHECK(!open_tokenizer(folder));
}
