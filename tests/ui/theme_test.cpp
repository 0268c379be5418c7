// The colours that the design fixes, contrast that can be read, and numbers whose digits line up.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "ui/ui_harness.h"

using namespace headlight;
using namespace headlight::ui;

namespace {

// WCAG 2.1: relative luminance and contrast ratio.
double luminance(Rgba color) {
    const auto linear = [](std::uint8_t channel) {
        const double v = channel / 255.0;
        return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b);
}

double contrast(Rgba a, Rgba b) {
    const double x = luminance(a), y = luminance(b);
    return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

}  // namespace

TEST_CASE("theme: the colours are those of the design") {
    const Colors& dark = theme_colors(ThemeKind::Dark);
    CHECK(dark.background == gfx::rgb(0x0F1115));
    CHECK(dark.card == gfx::rgb(0x171A21));
    CHECK(dark.line == gfx::rgb(0x262B35));
    CHECK(dark.text == gfx::rgb(0xE6E9EF));
    CHECK(dark.dim == gfx::rgb(0x8D96A7));
    CHECK(dark.accent == gfx::rgb(0xF2A33A));
    CHECK(dark.second == gfx::rgb(0x5AA9FF));
    CHECK(dark.third == gfx::rgb(0x6CC48A));
    const Colors& light = theme_colors(ThemeKind::Light);
    CHECK(light.background == gfx::rgb(0xF3F4F7));
    CHECK(light.card == gfx::rgb(0xFFFFFF));
    CHECK(light.line == gfx::rgb(0xDDE1E8));
    CHECK(light.text == gfx::rgb(0x1B1F27));
    CHECK(light.dim == gfx::rgb(0x6A7384));
    CHECK(light.accent == gfx::rgb(0xC86E00));
    CHECK(light.second == gfx::rgb(0x1F6FD0));
    CHECK(light.third == gfx::rgb(0x2C8A4F));
}

TEST_CASE("theme: text can be read on what lies under it") {
    for (const ThemeKind kind : {ThemeKind::Dark, ThemeKind::Light}) {
        const Colors& c = theme_colors(kind);
        for (const Rgba ground : {c.background, c.card, c.popup, c.control}) {
            CHECK(contrast(c.text, ground) >= 7);
            CHECK(contrast(c.dim, ground) >= 4);
        }
        CHECK(contrast(c.on_accent, c.accent) >= 3.5);
        CHECK(contrast(c.error, c.popup) >= 4);
        CHECK_FALSE(c.masked == c.card);
    }
}

TEST_CASE("fonts: every character that the interface writes has a glyph at every scale") {
    for (const float scale : {1.0f, 2.0f}) {
        test::UiHarness harness(800, 600, ThemeKind::Dark, scale);
        const Fonts& fonts = harness.kit().fonts;
        for (const char32_t c : U"AzÄßπΩЖя0123456789κρ²‖→↓↑←·⏎−×≥≤±…“”‘’–—κ°") {
            if (c == 0) continue;
            CHECK_MESSAGE(fonts.body->FindGlyphNoFallback(static_cast<ImWchar>(c)) != nullptr,
                          static_cast<unsigned>(c));
            CHECK_MESSAGE(fonts.semibold->FindGlyphNoFallback(static_cast<ImWchar>(c)) != nullptr,
                          static_cast<unsigned>(c));
        }
        CHECK(fonts.body->FontSize == doctest::Approx(kBodySize * scale));
    }
}

TEST_CASE("fonts: digits have one width") {
    const test::UiHarness harness;
    ImFont* font = ImGui::GetIO().Fonts->Fonts[0];
    const float reference = tabular_width(font, "0.00");
    for (const char* number : {"1.11", "7.41", "9.98", "1.17"})
        CHECK(tabular_width(font, number) == doctest::Approx(reference));
    CHECK(tabular_width(font, "11") == doctest::Approx(2 * tabular_width(font, "8")));
    CHECK(tabular_width(font, "") == 0);
}

TEST_CASE("kit: sizes follow the scale in whole pixels") {
    test::UiHarness harness(800, 600, ThemeKind::Light, 1.5f);
    CHECK(px(8) == 12);
    CHECK(px(5) == 8);
    CHECK(ImGui::GetStyle().ChildRounding == 12);
    harness.kit().configure(ThemeKind::Light, 1);
    CHECK(ImGui::GetStyle().ChildRounding == 8);
}
