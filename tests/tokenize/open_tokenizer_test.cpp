// Which file of a folder counts, and what is said when none does.
#include <filesystem>
#include <fstream>

#include "tokenize/cases.h"

using namespace headlight;
using test::shared_fixture;

namespace {

std::string folder_with(const std::string& name, const std::string& file, const std::string& text) {
    const std::string folder = test::fresh_dir("tokenize_open_" + name);
    std::ofstream(folder + "/" + file, std::ios::binary) << text;
    return folder;
}

Error error_of(const std::string& path) {
    const auto opened = open_tokenizer(path);
    REQUIRE(!opened);
    return opened.error();
}

}  // namespace

TEST_CASE("open: what was looked for") {
    CHECK(error_of("no/such/folder").kind == ErrorKind::Missing);
    const Error none = error_of(test::fresh_dir("tokenize_open_none"));
    CHECK(none.kind == ErrorKind::Missing);
    for (const char* name :
         {"tokenizer.json", "tokenizer.model", "vocab.json", "merges.txt", "characters.json"}) {
        CHECK(none.message.find(name) != std::string::npos);
    }
}

TEST_CASE("open: tokenizer.json that is broken or of another kind is named") {
    const Error cut =
        error_of(folder_with("cut", "tokenizer.json", R"({"model": {"type": "BPE", "vocab": {)"));
    CHECK(cut.kind == ErrorKind::Corrupt);
    CHECK(cut.file.ends_with("tokenizer.json"));
    CHECK(cut.offset.has_value());
    const Error words =
        error_of(folder_with("words", "tokenizer.json", R"({"model": {"type": "Sentences", "vocab": {}}})"));
    CHECK(words.kind == ErrorKind::Unsupported);
    CHECK(words.message.find("Sentences") != std::string::npos);
    CHECK(error_of(folder_with("none", "tokenizer.json", "{}")).kind == ErrorKind::Corrupt);
    CHECK(error_of(folder_with("list", "tokenizer.json", "[]")).kind == ErrorKind::Corrupt);
}

TEST_CASE("open: wrong types anywhere in tokenizer.json are an error, never a crash") {
    const auto good = read_json_file(test::source_dir() + "/tests/tokenize/data/bytes/tokenizer.json");
    REQUIRE(good);
    const auto flat = good->flatten();
    int refused = 0;
    for (const auto& [pointer, value] : flat.items()) {
        if (pointer.starts_with("/model/vocab/") || pointer.starts_with("/model/merges/")) continue;
        nlohmann::json broken = *good;
        broken[nlohmann::json::json_pointer(pointer)] = nlohmann::json::array({nlohmann::json::object()});
        const auto opened = open_tokenizer(folder_with("types", "tokenizer.json", broken.dump()));
        if (opened) continue;
        ++refused;
        CHECK(opened.error().file.ends_with("tokenizer.json"));
    }
    CHECK(refused > 10);
}

TEST_CASE("open: tokenizer.json comes before the other files") {
    const std::string folder = test::fresh_dir("tokenize_open_both");
    const std::string data = test::source_dir() + "/tests/tokenize/data/";
    std::filesystem::copy(data + "fallback/tokenizer.json", folder);
    std::filesystem::copy(data + "sentencepiece/tokenizer.model", folder);
    CHECK((*open_tokenizer(folder))->family() == "byte_fallback_bpe");
    CHECK((*open_tokenizer(folder + "/tokenizer.model"))->family() == "sentencepiece_model");
    std::filesystem::remove(folder + "/tokenizer.json");
    CHECK((*open_tokenizer(folder))->family() == "sentencepiece_model");
}

TEST_CASE("open: vocab.json and merges.txt") {
    const std::string folder =
        folder_with("vocab", "vocab.json", R"({"a":0,"b":1,"ab":2,"<|endoftext|>":3})");
    CHECK(!open_tokenizer(folder));
    std::ofstream(folder + "/merges.txt") << "#version: 0.2\na b\n";
    const auto opened = open_tokenizer(folder);
    REQUIRE_MESSAGE(opened, opened.error().to_string());
    CHECK((*opened)->encode("ab<|endoftext|>").ids() == std::vector<std::int32_t>{2, 3});
    std::ofstream(folder + "/tokenizer_config.json")
        << R"({"add_bos_token": true, "bos_token": "<|endoftext|>"})";
    CHECK((*open_tokenizer(folder))->encode("ab").ids() == std::vector<std::int32_t>{3, 2});
    std::ofstream(folder + "/merges.txt") << "a c\n";
    CHECK(error_of(folder).file.ends_with("merges.txt"));
    std::ofstream(folder + "/merges.txt") << "abc\n";
    CHECK(error_of(folder).message.find("line 1") != std::string::npos);
}

TEST_CASE("open: a character that is cut into tokens is shown as bytes, all with its span") {
    const auto opened = open_tokenizer(test::source_dir() + "/tests/tokenize/data/bytes");
    REQUIRE(opened);
    const TokenizedText tokens = (*opened)->encode("a€", false);
    REQUIRE(tokens.tokens.size() >= 4);
    const std::size_t count = tokens.tokens.size();
    CHECK(tokens.tokens[count - 3].display == "⟨E2⟩");
    CHECK(tokens.tokens[count - 2].display == "⟨82⟩");
    CHECK(tokens.tokens[count - 1].display == "⟨AC⟩");
    for (std::size_t i = count - 3; i < count; ++i) {
        CHECK(tokens.tokens[i].byte_begin == 1);
        CHECK(tokens.tokens[i].byte_end == 4);
    }
}

TEST_CASE("shared: hostile tokenizers are refused by name") {
    HEADLIGHT_NEEDS(shared_fixture("hostile/tokenizer_json_invalid"));
    CHECK(error_of(shared_fixture("hostile/tokenizer_json_invalid")).file.ends_with("tokenizer.json"));
    CHECK(error_of(shared_fixture("hostile/tokenizer_model_garbage")).file.ends_with("tokenizer.model"));
}
