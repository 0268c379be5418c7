// What a token is: text behind the display form, words, sentences, lines, letters.
#include <doctest/doctest.h>

#include <tuple>

#include "analysis/detector_examples.h"
#include "analysis/words/token_classes.h"
#include "analysis/words/token_text.h"

using namespace headlight;

namespace {

Token shown(const std::string& display, std::size_t span = 0) {
    Token token;
    token.display = display;
    token.byte_end = span;
    return token;
}

template <class Member>
std::vector<int> members(const std::vector<std::string>& texts, Member member) {
    std::vector<int> values;
    const std::vector<Token> tokens = test::text_tokens(texts);
    for (const TokenLabel& label : label_tokens(tokens))
        values.push_back(static_cast<int>(label.*member));
    return values;
}

}  // namespace

TEST_CASE("token text: signs become what they stand for") {
    CHECK(token_text(shown("·cat")) == " cat");
    CHECK(token_text(shown("⏎⏎⇥x")) == "\n\n\tx");
    CHECK(token_text(shown("⟨0D⟩")) == "\r");
    CHECK(token_text(shown("⟨E2⟩⟨80⟩")) == "\xE2\x80");
    CHECK(token_text(shown("⟨200B⟩")) == "\u200B");
    CHECK(token_text(shown("⟨zz⟩")) == "⟨zz⟩");
    CHECK(token_text(shown("⟨")) == "⟨");
    CHECK(token_text(shown("·", 2)) == "·");  // the sign itself, two bytes of the text
    CHECK(token_text(shown("·", 1)) == " ");
    CHECK(token_text(shown("·Hello", 5)) == "Hello");  // a space that the tokenizer put in front
    CHECK(token_text(shown("##ing", 3)) == "ing");     // WordPiece
    CHECK(token_text(shown("##ing", 5)) == "##ing");   // the signs stood in the text
    Token special = shown("<s>");
    special.is_special = true;
    CHECK(token_text(special).empty());
}

TEST_CASE("token classes: WordPiece leaves spaces out, words are still apart") {
    // "the cats sat": spans without the spaces, as a text is encoded.
    std::vector<Token> tokens = {shown("the"), shown("cat"), shown("##s"), shown("sat")};
    const std::vector<std::pair<std::size_t, std::size_t>> encoded = {{0, 3}, {4, 7}, {7, 8}, {9, 12}},
                                                           decoded = {{0, 3}, {3, 7}, {7, 8}, {8, 12}};
    for (const auto& spans : {encoded, decoded}) {
        for (std::size_t i = 0; i < tokens.size(); ++i)
            std::tie(tokens[i].byte_begin, tokens[i].byte_end) = spans[i];
        CHECK(word_indices(label_tokens(tokens)) == std::vector<int>{0, 1, 1, 2});
    }
}

TEST_CASE("token classes: punctuation and white space") {
    for (const char* text : {".", ",", " ;", "?!", "...", ".\"", ").", "…", "。", "؟", "׃"})
        CHECK_MESSAGE(is_punctuation(text), text);
    for (const char* text : {"", " ", "\"", "(", "a.", "-", "$", "'"})
        CHECK_MESSAGE(!is_punctuation(text), text);
    for (const char* text : {" ", "\n", "\t ", "\u00A0", "\u3000"})
        CHECK_MESSAGE(is_whitespace(text), text);
    CHECK(!is_whitespace(""));
    CHECK(!is_whitespace(" a"));
    CHECK(!is_punctuation("\xFF\xFE"));  // bytes that are no UTF-8 are no punctuation
}

TEST_CASE("token classes: vowels of English and Hebrew") {
    for (const char32_t c : std::u32string(U"aeiouAEIOUéöאהויע\u05B8"))
        CHECK(letter_class(c) == LetterClass::Vowel);
    for (const char32_t c : std::u32string(U"bcyzBYñçבגםת"))
        CHECK(letter_class(c) == LetterClass::Consonant);
    for (const char32_t c : std::u32string(U" .,1дλ中×"))
        CHECK(letter_class(c) == LetterClass::None);
}

TEST_CASE("token classes: words") {
    const std::vector<std::string> texts = {"<s>", "The", " Trans", "former", "'s", " (",  "re",
                                            "use", "d",   ")",      " don",   "'t", ".\n", "Next"};
    const std::vector<Token> tokens = test::text_tokens(texts);
    const std::vector<TokenLabel> labels = label_tokens(tokens);
    CHECK(word_indices(labels) == std::vector<int>{-1, 0, 1, 1, 1, -1, 2, 2, 2, -1, 3, 3, -1, 4});
    CHECK(members(texts, &TokenLabel::is_word_start) ==
          std::vector<int>{0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1});
    CHECK(members({"<s>", "a", "b", " ", "c"}, &TokenLabel::is_boundary) == std::vector<int>{0, 0, 0, 1, 0});
    CHECK(members({"<s>", "ab", " ", "c"}, &TokenLabel::is_boundary) == std::vector<int>{0, 1, 1, 1});
    CHECK(is_character_text(test::character_tokens("abc d")));
    CHECK(!is_character_text(tokens));
    CHECK(!is_character_text({}));
}

TEST_CASE("token classes: sentences, lines, brackets and quotes") {
    const std::vector<std::string> texts = {"<s>",  "Go", "!",  " \"", "No",  ".\"",
                                            " Why", "\n", "  ", "so",  " far"};
    const std::vector<Token> tokens = test::text_tokens(texts);
    const std::vector<TokenLabel> labels = label_tokens(tokens);
    CHECK(sentence_indices(labels) == std::vector<int>{0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4});
    CHECK(members(texts, &TokenLabel::indent) == std::vector<int>{-1, 0, -1, -1, -1, -1, -1, -1, -1, 2, -1});
    CHECK(members({"a\n\t", "b", "\n ", "  c"}, &TokenLabel::indent) == std::vector<int>{0, 4, -1, 3});
    CHECK(labels[3].quotes == std::vector<char32_t>{U'"'});
    CHECK(label_tokens(test::text_tokens({"f(x[", "])"}))[0].brackets == "([");
}

TEST_CASE("token classes: a prefix keeps its labels") {
    const std::vector<Token> tokens =
        test::text_tokens({"<s>", "un", "done", ".", "\n", " x", " y", "(", ")", " z"});
    const std::vector<TokenLabel> whole = label_tokens(tokens);
    for (std::size_t length = 1; length <= tokens.size(); ++length) {
        const std::vector<TokenLabel> part = label_tokens(std::span(tokens).first(length));
        for (std::size_t i = 0; i < length; ++i) {
            CHECK(part[i].is_word_start == whole[i].is_word_start);
            CHECK(part[i].indent == whole[i].indent);
            CHECK(part[i].ends_sentence == whole[i].ends_sentence);
        }
    }
}

TEST_CASE("token classes: rarity is the id, or comes from a table of frequencies") {
    const std::vector<Token> tokens = test::tokens_of({3, 8, 5});
    CHECK(label_tokens(tokens)[1].rarity == 8);
    TokenFrequencies frequencies;
    frequencies.count = {{3, 1}, {8, 98}};
    frequencies.total = 99;
    const std::vector<TokenLabel> labels = label_tokens(tokens, &frequencies);
    CHECK(labels[0].rarity == doctest::Approx(-std::log(1.5 / 100)));
    CHECK(labels[2].rarity > labels[0].rarity);  // never seen
    CHECK(labels[0].rarity > labels[1].rarity);
}
