// Marian: pieces by SentencePiece, ids by vocab.json.
#include "tokenize/cases.h"
#include "tokenize/made_files.h"

using namespace headlight;

TEST_CASE("marian: ids are those of vocab.json, and EOS ends the text") {
    const std::string folder = test::marian_folder();
    const auto marian = open_tokenizer(folder);
    REQUIRE_MESSAGE(marian, marian.error().to_string());
    CHECK((*marian)->family() == "marian");
    const auto plain =
        open_tokenizer(test::source_dir() + "/tests/tokenize/data/sentencepiece/tokenizer.model");
    const int size = (*plain)->vocab_size();
    const std::string text = "the cat sat";
    const auto cut = (*plain)->encode(text, false);
    const auto tokens = (*marian)->encode(text);
    REQUIRE(tokens.tokens.size() == cut.tokens.size() + 1);
    for (std::size_t i = 0; i < cut.tokens.size(); ++i) {
        CHECK(tokens.tokens[i].id == size - 1 - cut.tokens[i].id);
        CHECK(tokens.tokens[i].byte_begin == cut.tokens[i].byte_begin);
        CHECK(tokens.tokens[i].byte_end == cut.tokens[i].byte_end);
    }
    CHECK(tokens.tokens.back().id == (*marian)->eos_id());
    CHECK((*marian)->token((*marian)->eos_id())->piece == "</s>");
    CHECK((*(*marian)->from_ids(tokens.ids())).text == text);
}

TEST_CASE("marian: a language in front of the text is one token") {
    const auto marian = open_tokenizer(test::marian_folder());
    REQUIRE(marian);
    const auto tokens = (*marian)->encode(">>fra<< the cat");
    CHECK(tokens.tokens.front().piece == ">>fra<<");
    CHECK(tokens.tokens.front().byte_end == 7);
    CHECK(tokens.tokens[1].byte_begin >= 7);
}

TEST_CASE("marian: broken vocabularies are named") {
    const std::string folder = test::marian_folder();
    std::ofstream(folder + "/vocab.json") << R"({"a": -1})";
    CHECK(open_tokenizer(folder).error().file.ends_with("vocab.json"));
    std::ofstream(folder + "/vocab.json") << R"({"a": 0})";
    CHECK(open_tokenizer(folder).error().message.find("<unk>") != std::string::npos);
}
