// Drawing of text that comes from tokens: any script, right to left, emoji, code points for what no font has.
#pragma once

#include <imgui.h>

#include <string>
#include <string_view>

#include "gfx/text_shaper.h"
#include "ui/theme.h"

namespace headlight::ui {

/// Size at scale 1; the functions multiply by the kit's scale.
struct ShapedStyle {
    float size = 13;
    gfx::TextWeight weight = gfx::TextWeight::Regular;
};

gfx::TextExtents measure_shaped(std::string_view text, const ShapedStyle& style = {});

/// Draws with the top left of the line box at `pos`. Returns the width.
float draw_shaped(ImDrawList* list, ImVec2 pos, std::string_view text, Rgba color,
                  const ShapedStyle& style = {});
/// The line's right end at `right_top`.
void draw_shaped_right(ImDrawList* list, ImVec2 right_top, std::string_view text, Rgba color,
                       const ShapedStyle& style = {});
/// Rotated by `angle_rad` (counterclockwise on screen) around the left end of the baseline at `pivot`.
void draw_shaped_rotated(ImDrawList* list, ImVec2 pivot, float angle_rad, std::string_view text, Rgba color,
                         const ShapedStyle& style = {});
/// Shortened with an ellipsis, by whole characters, to at most `max_width` pixels.
std::string shorten_shaped(std::string_view text, float max_width, const ShapedStyle& style = {});

}  // namespace headlight::ui
