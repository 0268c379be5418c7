// The project's own small tokenizers; tests/tokenize/data/make_cases.py made them and the reference's values.
#include "tokenize/cases.h"

using namespace headlight;

namespace {
std::string data(const std::string& name) {
    return test::source_dir() + "/tests/tokenize/data/" + name;
}
}  // namespace

TEST_CASE("own: byte-level BPE with NFC, prefix space, template and added tokens of each kind") {
    const auto tokenizer = open_tokenizer(data("bytes"));
    REQUIRE_MESSAGE(tokenizer, tokenizer.error().to_string());
    CHECK((*tokenizer)->family() == "byte_level_bpe");
    CHECK((*tokenizer)->bos_id() == 0);
    CHECK(test::check_cases(**tokenizer, data("bytes/cases.json"), "ids tokens offsets") == 19);
}

TEST_CASE("own: BPE with byte fallback") {
    const auto tokenizer = open_tokenizer(data("fallback/tokenizer.json"));
    REQUIRE_MESSAGE(tokenizer, tokenizer.error().to_string());
    CHECK((*tokenizer)->family() == "byte_fallback_bpe");
    CHECK((*tokenizer)->bos_id() == 1);
    CHECK(test::check_cases(**tokenizer, data("fallback/cases.json"), "ids tokens offsets") == 19);
}

TEST_CASE("own: WordPiece, Unigram with a normalisation table, whole words") {
    for (const auto& [name, family] : {std::pair{"words", "word_piece"}, std::pair{"likely", "unigram"},
                                       std::pair{"whole", "word_level"}}) {
        INFO(name);
        const auto tokenizer = open_tokenizer(data(name));
        REQUIRE_MESSAGE(tokenizer, tokenizer.error().to_string());
        CHECK((*tokenizer)->family() == family);
        CHECK(test::check_cases(**tokenizer, data(std::string(name) + "/cases.json"), "ids tokens offsets") ==
              19);
    }
}

TEST_CASE("own: vocab.txt alone gives BERT's tokens") {
    const auto tokenizer = open_tokenizer(data("words_txt"));
    REQUIRE_MESSAGE(tokenizer, tokenizer.error().to_string());
    CHECK((*tokenizer)->source().ends_with("vocab.txt"));
    CHECK((*tokenizer)->bos_id() == 2);
    const auto full = open_tokenizer(data("words")).value();
    for (const char* text : {"the cat", "Caf\u00e9 \u4e2d the", "don't 123", "qqq the"}) {
        CHECK((*tokenizer)->encode(text).ids() == full->encode(text).ids());
    }
    const TokenizedText back = (*tokenizer)->from_ids((*tokenizer)->encode("the house").ids()).value();
    CHECK(back.text == "the house");
}

TEST_CASE("own: SentencePiece model on raw text") {
    const auto tokenizer = open_tokenizer(data("sentencepiece"));
    REQUIRE_MESSAGE(tokenizer, tokenizer.error().to_string());
    const auto cases = read_json_file(data("sentencepiece/cases.json"));
    REQUIRE(cases);
    for (std::size_t i = 0; i < (*cases)["texts"].size(); ++i) {
        const TokenizedText tokens = (*tokenizer)->encode((*cases)["texts"][i].get<std::string>(), false);
        CHECK(nlohmann::json(tokens.ids()) == (*cases)["ids"][i]);
        CHECK(test::pieces_of(tokens) == (*cases)["tokens"][i]);
    }
}
