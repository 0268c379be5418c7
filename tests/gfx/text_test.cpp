// Shaped text: what no font has is named, colour glyphs keep their colours, carets stand where letters do.
#include <doctest/doctest.h>

#include "gfx/gl_context.h"
#include "gfx/shaped_text_cache.h"
#include "gfx/text_shaper.h"

using namespace headlight;
using namespace headlight::gfx;

TEST_CASE("text: a character that no font has is drawn as its code point") {
    TextShaper shaper;
    CHECK(shaper.drawable("plain", {}) == "plain");
    // U+10FFFD is a private-use character at the very end of Unicode.
    CHECK(shaper.drawable("a\xF4\x8F\xBF\xBD"
                          "b",
                          {}) ==
          "a\xE2\x9F\xA8U+10FFFD\xE2\x9F\xA9"
          "b");
    CHECK(shaper.drawable("line\nbreak", {}) == "line break");
}

TEST_CASE("text: measuring does not depend on the letters' heights, and grows with the size") {
    TextShaper shaper;
    const auto low = shaper.measure("a", {20}), high = shaper.measure("\xC3\x84g", {20}),
               large = shaper.measure("a", {40});
    CHECK(low.ascent == high.ascent);
    CHECK(low.descent == high.descent);
    CHECK(large.advance == doctest::Approx(2 * low.advance).epsilon(0.05));
    CHECK(shaper.measure("", {20}).advance == 0);
}

TEST_CASE("text: a drawn line has ink, its baseline inside, and its colour") {
    TextShaper shaper;
    const Rgba red = rgb(0xE01020);
    const TextBitmap bitmap = shaper.draw("Hg", {24}, red);
    REQUIRE(!bitmap.pixels.empty());
    CHECK_FALSE(bitmap.has_color);
    CHECK(bitmap.origin_y > 10);
    CHECK(bitmap.origin_y < static_cast<float>(bitmap.height) - 3);  // g goes below the baseline
    int opaque = 0;
    for (const Rgba pixel : bitmap.pixels) {
        if (pixel.a < 250) continue;
        ++opaque;
        CHECK(std::abs(pixel.r - red.r) <= 2);
        CHECK(std::abs(pixel.g - red.g) <= 2);
    }
    CHECK(opaque > 20);
    CHECK(shaper.draw("   ", {24}, red).pixels.empty());
}

TEST_CASE("paragraph: carets and points agree, right-to-left text runs leftwards, clusters stay whole") {
    TextShaper shaper;
    const TextParagraph latin(shaper, "When Mary and John went to the store", {14}, 120);
    CHECK(latin.num_lines() > 1);
    for (std::size_t byte = 0; byte < latin.text().size(); ++byte) {
        const TextRect caret = latin.caret(byte);
        const TextRect next = latin.caret(byte + 1);
        if (next.y != caret.y) continue;
        CHECK(latin.byte_at(caret.x + 0.5f, caret.y + 0.5f * caret.height) == byte);
        CHECK(next.x >= caret.x);
    }
    CHECK(latin.next_word(0, 1) == 4);
    CHECK(latin.next_word(8, -1) == 5);

    const TextParagraph hebrew(shaper, "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D", {14}, 400);
    CHECK(hebrew.caret(0).x > hebrew.caret(2).x);
    CHECK(hebrew.caret(2).x > hebrew.caret(4).x);

    const std::string family =
        "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB!";  // woman, joiner, laptop: one grapheme
    const TextParagraph emoji(shaper, family, {14}, 400);
    CHECK(emoji.next_grapheme(0, 1) == family.size() - 1);
    CHECK(emoji.next_grapheme(family.size() - 1, -1) == 0);
}

TEST_CASE("text cache: drawn once, coloured only where glyphs are, dropped when old") {
    HEADLIGHT_NEEDS_GL();
    ShapedTextCache cache(ShapedTextCache::Mode::Gl, std::size_t{9} << 20);  // two pages of 4 MiB
    const ShapedText first = cache.get("Mary", {13}, rgb(0x112233));
    CHECK(first.texture != 0);
    CHECK(first.u1 > first.u0);
    const std::size_t entries = cache.num_entries();
    CHECK(cache.get("Mary", {13}, rgb(0x445566)).u0 == first.u0);  // one picture for all inks
    CHECK(cache.num_entries() == entries);
    CHECK(cache.measure("Mary", {13}).advance == first.extents.advance);

    for (int frame = 0; frame < 40; ++frame) {
        cache.begin_frame();
        for (int i = 0; i < 20; ++i)
            cache.get("token number " + std::to_string(frame * 20 + i), {60}, rgb(0xFFFFFF));
    }
    cache.begin_frame();
    cache.begin_frame();
    CHECK(cache.size_bytes() <= std::size_t{9} << 20);
    CHECK(cache.get("Mary", {13}, rgb(0x112233)).texture != 0);
    CHECK(std::string(pending_gl_error()).empty());
}
