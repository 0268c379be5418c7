// The embedded interface fonts at the sizes the design uses, and numbers whose digits all have one width.
// Text that comes from tokens is not drawn with these: see shaped_text.h.
#pragma once

#include <imgui.h>

#include <string_view>

namespace headlight::ui {

// Line heights in pixels at scale 1. ImGui sizes a font by ascent + descent, so these are Inter's em size
// times 1.21.
inline constexpr float kBodySize = 16, kSmallSize = 14, kTinySize = 12, kLargeSize = 18, kLessonSize = 20.5f,
                       kHugeSize = 24;

struct Fonts {
    ImFont* body = nullptr;      // Inter 13
    ImFont* semibold = nullptr;  // Inter 13 semibold: titles, selected segments
    ImFont* small_ = nullptr;    // Inter 11.5: axis labels, captions
    ImFont* tiny = nullptr;      // Inter 10: numbers in cells (ASCII only)
    ImFont* large = nullptr;     // Inter 15: empty states
    ImFont* lesson = nullptr;    // Inter 17: what a class reads
    ImFont* huge = nullptr;      // Inter 20 semibold: its headings
};

/// Fills the current ImGui atlas for `scale` (1 = 96 dpi). The old atlas content is dropped; the back end
/// must upload the new texture afterwards (Window does).
Fonts load_fonts(float scale);

/// Width of `text` when its digits are drawn at one advance.
float tabular_width(ImFont* font, std::string_view text);
/// Draws `text` with its left end at `pos`; digits, and only they, advance by the widest digit.
void draw_tabular(ImDrawList* list, ImFont* font, ImVec2 pos, ImU32 color, std::string_view text);
/// The same with its right end at `right`.
void draw_tabular_right(ImDrawList* list, ImFont* font, ImVec2 right_top, ImU32 color, std::string_view text);

/// RAII: text in this block is drawn with `font`.
class FontScope {
  public:
    explicit FontScope(ImFont* font) { ImGui::PushFont(font); }
    ~FontScope() { ImGui::PopFont(); }
    FontScope(const FontScope&) = delete;
    FontScope& operator=(const FontScope&) = delete;
};

}  // namespace headlight::ui
