// Words, sentences and lines: where they end in several scripts and in programs, and as tokens.
#include <doctest/doctest.h>

#include "analysis/detector_examples.h"
#include "analysis/words/code_text.h"
#include "analysis/words/text_breaks.h"
#include "analysis/words/text_units.h"

using namespace headlight;

namespace {

std::vector<TokenRange> units_of(const std::vector<std::string>& texts, TextUnit unit) {
    return text_units(test::text_tokens(texts), unit);
}

/// What the units of these tokens say.
std::vector<std::string> texts_of(const std::vector<std::string>& texts, TextUnit unit) {
    const std::vector<Token> tokens = test::text_tokens(texts);
    std::vector<std::string> out;
    for (const TokenRange& range : text_units(tokens, unit))
        out.push_back(unit_text(tokens, range));
    return out;
}

/// One token for each code point of a text.
std::vector<std::string> characters(const std::string& text) {
    std::vector<std::string> out;
    for (const char c : text) {
        if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) out.emplace_back();
        out.back() += c;
    }
    return out;
}

using Texts = std::vector<std::string>;
using Ranges = std::vector<TokenRange>;

}  // namespace

TEST_CASE("units: words, sentences, lines") {
    CHECK(units_of({"<s>", "The", " do", "g", " sat", ".", " It"}, TextUnit::Word) ==
          Ranges{{0, 1}, {1, 2}, {2, 4}, {4, 5}, {5, 6}, {6, 7}});
    CHECK(units_of({"don", "'t", " ", "go"}, TextUnit::Word) == Ranges{{0, 2}, {2, 3}, {3, 4}});
    CHECK(units_of({"<s>", "A", " b", ".", "\n", " C", "?", "!", " D", "</s>"}, TextUnit::Sentence) ==
          Ranges{{0, 1}, {1, 5}, {5, 8}, {8, 9}, {9, 10}});
    CHECK(units_of({"a", ".", " b", "\n", "c", "\n", "\n"}, TextUnit::Line) ==
          Ranges{{0, 4}, {4, 6}, {6, 7}});
    CHECK(units_of({"a", " b", " c"}, TextUnit::Token) == Ranges{{0, 1}, {1, 2}, {2, 3}});
    CHECK(text_units({}, TextUnit::Word).empty());
    const auto tokens = test::text_tokens({"The", " do", "g"});
    CHECK(unit_text(tokens, {1, 3}) == "dog");
    CHECK(text_unit("sentence") == TextUnit::Sentence);
    CHECK(!text_unit("page"));
    CHECK(in_units("attends to the token just before", TextUnit::Word) == "attends to the word just before");
    CHECK(in_units("tokens", TextUnit::Token) == "tokens");
    CHECK(in_units("Token of tokens, broken", TextUnit::Line) == "Line of lines, broken");
}

TEST_CASE("units: text between words is where its token is; a token of two words joins them") {
    CHECK(texts_of({"foo ba", "r", " baz"}, TextUnit::Word) == Texts{"foo bar", "baz"});
    CHECK(texts_of({"3", ".", "14", " and", " 2", ",", "000"}, TextUnit::Word) ==
          Texts{"3.14", "and", "2,000"});
    CHECK(texts_of({"inter", "nation", "al", "ly", "!"}, TextUnit::Word) == Texts{"internationally", "!"});
}

TEST_CASE("units: scripts without spaces are cut by dictionaries") {
    CHECK(texts_of(characters("我喜欢学习语言"), TextUnit::Word) == Texts{"我", "喜欢", "学习", "语言"});
    CHECK(texts_of(characters("東京に行きます"), TextUnit::Word) == Texts{"東京", "に", "行き", "ます"});
    CHECK(texts_of(characters("ฉันรักภาษาไทย"), TextUnit::Word) == Texts{"ฉัน", "รัก", "ภาษา", "ไทย"});
    CHECK(texts_of(characters("他来了。她走了！"), TextUnit::Sentence) == Texts{"他来了。", "她走了！"});
}

TEST_CASE("units: scripts from right to left, marks and emoji") {
    CHECK(texts_of({"שלו", "ם", " עול", "ם", "."}, TextUnit::Word) == Texts{"שלום", "עולם", "."});
    CHECK(texts_of({"مر", "حبا", " بال", "عالم", "؟"}, TextUnit::Word) == Texts{"مرحبا", "بالعالم", "؟"});
    CHECK(texts_of({"ok", " 👩", "\xE2\x80\x8D", "👧", " 🇮", "🇱"}, TextUnit::Word) ==
          Texts{"ok", "👩\xE2\x80\x8D👧", "🇮🇱"});
    CHECK(is_right_to_left("  «שלום» abc"));
    CHECK(is_right_to_left("123 مرحبا"));
    CHECK(!is_right_to_left("abc שלום"));
    CHECK(!is_right_to_left("1 + 2"));
    CHECK(!is_right_to_left(""));
}

TEST_CASE("units: bytes of one character stay together") {
    std::vector<Token> tokens = test::text_tokens({"a", " ", "x", "y", "z", " b"});
    const char* const bytes[] = {"⟨E4⟩", "⟨BD⟩", "⟨A0⟩"};  // 你
    for (std::size_t i = 0; i < 3; ++i)
        tokens[2 + i].display = bytes[i];
    CHECK(text_units(tokens, TextUnit::Word) == Ranges{{0, 1}, {1, 2}, {2, 5}, {5, 6}});
    CHECK(unit_text(tokens, {2, 5}) == "你");
    CHECK(unit_text(tokens, {2, 4}) == "⟨E4⟩⟨BD⟩");
}

TEST_CASE("units: programs are cut by identifiers") {
    CHECK(texts_of({"def", " my", "_func", "(x", "2", "):", "\n", "    ", "return", " self", ".name",
                    " +=", " 3", ".5"},
                   TextUnit::Word) ==
          Texts{"def", "my_func", "(x2", "):", "⏎", "····", "return", "self", ".name", "+=", "3.5"});
    for (const char* code :
         {"def f(x):\n    return x + 1\n", "#include <vector>\nint main() {\n  return 0;\n}", "x = foo(1)",
          "for i in range(10):\n    total += i", "let a = b.c(d);"})
        CHECK_MESSAGE(looks_like_code(code), std::string(code));
    for (const char* prose :
         {"The cat sat on the mat. It was fluffy.", "He said: wait (and then left).",
          "Return to sender, please.\nFor the love of it all, stop.", "See https://example.org/a_b for more.",
          "1. Eggs\n2. Milk (two)\n3. Flour", "", "   \n\n", "我喜欢学习语言。"})
        CHECK_MESSAGE(!looks_like_code(prose), std::string(prose));
}

TEST_CASE("units: as tokens") {
    std::vector<Token> tokens = test::text_tokens({"<s>", "The", " do", "g", " saw", " the", " zo", "o"});
    const std::int32_t ids[] = {1, 5, 40, 7, 9, 6, 90, 3};
    for (std::size_t i = 0; i < tokens.size(); ++i)
        tokens[i].id = ids[i];
    const std::vector<TokenRange> words = text_units(tokens, TextUnit::Word);
    REQUIRE(words.size() == 6);
    const std::vector<Token> units = unit_tokens(tokens, words);
    CHECK(units[0].is_special);
    CHECK(!units[1].is_special);
    CHECK(units[1].id == units[4].id);  // "The" and "the"
    CHECK(units[5].id > units[2].id);   // the rarest piece of "zoo" is rarer than that of "dog"
    CHECK(units[2].id > units[3].id);
    CHECK(units[2].display == "dog");
    CHECK(units[2].byte_begin == tokens[2].byte_begin);
    CHECK(units[2].byte_end == tokens[3].byte_end);
    CHECK(unit_of(words, 3) == 2);
    CHECK(unit_of(words, 8) == -1);
    CHECK(unit_of(words, -1) == -1);
}

TEST_CASE("labels: the middle gives way") {
    CHECK(shorten_middle("international", 13) == "international");
    CHECK(shorten_middle("international", 9) == "inte…onal");
    CHECK(shorten_middle("ab", 3) == "ab");
    CHECK(shorten_middle("abcdef", 0) == "a…f");
    // Two characters of two code points each at either end.
    CHECK(shorten_middle("e\xCC\x81__n\xCC\x83", 3) == "e\xCC\x81…n\xCC\x83");
    const auto fits = [](const std::string& text) { return text.size() <= 10; };
    CHECK(shorten_middle("international", fits) == "inte…nal");
    CHECK(shorten_middle("short", fits) == "short");
    CHECK(normalized_text("  Straße ") == normalized_text("STRASSE"));
    CHECK(normalized_text("   ").empty());
}
