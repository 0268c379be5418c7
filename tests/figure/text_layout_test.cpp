#include <doctest/doctest.h>

#include "base/utf8.h"
#include "figure/text_layout.h"

using namespace headlight;

TEST_CASE("text: longer text is wider, size scales the width") {
    CHECK(text_width("attention", 10) > text_width("att", 10));
    CHECK(text_width("attention", 20) == doctest::Approx(2 * text_width("attention", 10)).epsilon(0.01));
    CHECK(text_width("", 10) == 0);
}

TEST_CASE("text: cut text fits, keeps whole graphemes and ends in an ellipsis") {
    const std::string word = "internationalisation";
    const std::string cut = fit_text(word, 10, 50);
    CHECK(text_width(cut, 10) <= 50);
    CHECK(cut.ends_with("…"));
    CHECK(word.starts_with(cut.substr(0, cut.size() - 3)));
    CHECK(fit_text("cat", 10, 50) == "cat");
    // e with a combining acute, many times: no cut leaves the accent alone.
    std::string accents;
    for (int i = 0; i < 40; ++i)
        accents += "e\xCC\x81";
    const std::string kept = fit_text(accents, 10, 60);
    REQUIRE(kept.ends_with("…"));
    CHECK((kept.size() - 3) % 3 == 0);
    CHECK(fit_text(std::string(1 << 20, 'x'), 10, 50).size() < 100);
}

TEST_CASE("text: what no font can draw is written as its code point") {
    // A private-use code point that no font has.
    const std::string shown = shape_text("a\xF4\x8F\xBF\xBD", 10).text;
    CHECK(shown == "a⟨10FFFD⟩");
    CHECK(count_missing_glyphs("a\xF4\x8F\xBF\xBD") == 1);
    CHECK(count_missing_glyphs("plain") == 0);
}

TEST_CASE("text: control characters and invalid bytes are visible and harmless") {
    CHECK(shape_text("a\nb", 10).text == "a⟨0A⟩b");
    CHECK(utf8::is_valid(shape_text("a\xFF\xC3", 10).text));
}
