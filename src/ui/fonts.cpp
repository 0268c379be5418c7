#include "ui/fonts.h"

#include <imgui_freetype.h>

#include <algorithm>
#include <cmath>

extern "C" const unsigned char headlight_font_regular_begin[], headlight_font_regular_end[];
extern "C" const unsigned char headlight_font_semibold_begin[], headlight_font_semibold_end[];

namespace headlight::ui {
namespace {

// What the interface itself writes: Latin, Greek, Cyrillic, punctuation, super- and subscripts, arrows, some
// mathematics.
constexpr ImWchar kRanges[] = {0x0020, 0x024F, 0x0370, 0x03FF, 0x0400, 0x052F, 0x1E00, 0x1EFF, 0x2010, 0x2027,
                               0x2030, 0x205E, 0x2070, 0x209C, 0x20A0, 0x20BF, 0x2113, 0x2113, 0x2116, 0x2122,
                               0x2190, 0x21FF, 0x2200, 0x22FF, 0x2318, 0x2318, 0x23CE, 0x23CE, 0x2500, 0x257F,
                               0x25A0, 0x25FF, 0x2713, 0x2717, 0x27E8, 0x27E9, 0};
// Small numbers only.
constexpr ImWchar kNumberRanges[] = {0x0020, 0x007E, 0x00B7, 0x00B7, 0x2212, 0x2212, 0};

struct Face {
    const unsigned char* begin;
    const unsigned char* end;
};

ImFont* add_font(const Face& face, float size_px, const ImWchar* ranges) {
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;  // the bytes are part of the program
    config.OversampleH = 3;
    config.OversampleV = 1;
    config.RasterizerMultiply = 1.0f;
    auto* bytes = const_cast<unsigned char*>(face.begin);
    return ImGui::GetIO().Fonts->AddFontFromMemoryTTF(bytes, static_cast<int>(face.end - face.begin), size_px,
                                                      &config, ranges);
}

bool is_digit(unsigned c) {
    return c >= '0' && c <= '9';
}

float digit_advance(ImFont* font) {
    float widest = 0;
    for (ImWchar c = '0'; c <= '9'; ++c)
        widest = std::max(widest, font->GetCharAdvance(c));
    return widest;
}

// Calls emit(begin, end, x, is_digit) for each digit and each run without digits; returns the width.
template <class Emit>
float walk_tabular(ImFont* font, std::string_view text, const Emit& emit) {
    const float advance = digit_advance(font);
    float x = 0;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i + 1;
        if (is_digit(static_cast<unsigned char>(text[i]))) {
            const float own = font->GetCharAdvance(static_cast<ImWchar>(text[i]));
            emit(text.data() + i, text.data() + end, x + 0.5f * (advance - own));
            x += advance;
        } else {
            while (end < text.size() && !is_digit(static_cast<unsigned char>(text[end])))
                ++end;
            emit(text.data() + i, text.data() + end, x);
            x += font->CalcTextSizeA(font->FontSize, 1e9f, 0, text.data() + i, text.data() + end).x;
        }
        i = end;
    }
    return x;
}

}  // namespace

Fonts load_fonts(float scale) {
    ImFontAtlas* atlas = ImGui::GetIO().Fonts;
    atlas->Clear();
    atlas->TexDesiredWidth = scale > 1.5f ? 4096 : 2048;
    const Face regular{headlight_font_regular_begin, headlight_font_regular_end};
    const Face semibold{headlight_font_semibold_begin, headlight_font_semibold_end};
    Fonts fonts;
    fonts.body = add_font(regular, std::round(kBodySize * scale), kRanges);
    fonts.semibold = add_font(semibold, std::round(kBodySize * scale), kRanges);
    fonts.small_ = add_font(regular, std::round(kSmallSize * scale), kRanges);
    fonts.tiny = add_font(regular, std::round(kTinySize * scale), kNumberRanges);
    fonts.large = add_font(regular, std::round(kLargeSize * scale), kRanges);
    fonts.lesson = add_font(regular, std::round(kLessonSize * scale), kRanges);
    fonts.huge = add_font(semibold, std::round(kHugeSize * scale), kRanges);
    atlas->Build();
    return fonts;
}

float tabular_width(ImFont* font, std::string_view text) {
    return walk_tabular(font, text, [](const char*, const char*, float) {});
}

void draw_tabular(ImDrawList* list, ImFont* font, ImVec2 pos, ImU32 color, std::string_view text) {
    color = ImGui::GetColorU32(color);  // fades with the style's alpha
    walk_tabular(font, text, [&](const char* begin, const char* end, float x) {
        list->AddText(font, font->FontSize, {pos.x + x, pos.y}, color, begin, end);
    });
}

void draw_tabular_right(ImDrawList* list, ImFont* font, ImVec2 right_top, ImU32 color,
                        std::string_view text) {
    draw_tabular(list, font, {right_top.x - tabular_width(font, text), right_top.y}, color, text);
}

}  // namespace headlight::ui
