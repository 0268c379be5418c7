// Interface text (our own words, embedded font) placed by hand: measuring, shortening, wrapping.
#pragma once

#include <imgui.h>

#include <string>
#include <string_view>

#include "ui/theme.h"

namespace headlight::ui {

/// Size of `line` on one line.
ImVec2 measure_text(ImFont* font, std::string_view line);
/// Draws `line` with its top left at `pos`.
void draw_text(ImDrawList* list, ImFont* font, ImVec2 pos, Rgba color, std::string_view line);
/// Centred in a rectangle.
void draw_text_centered(ImDrawList* list, ImFont* font, ImVec2 min, ImVec2 max, Rgba color,
                        std::string_view line);
/// The paragraph with line breaks so that no line is wider than `width`. Lines break at spaces only: a number
/// such as 1,024 stays whole; a word wider than the line is cut.
std::string wrap_text(ImFont* font, std::string_view paragraph, float width);
/// The line, or its beginning and an ellipsis, at most `max_width` wide.
std::string shorten_text(ImFont* font, std::string_view line, float max_width);

}  // namespace headlight::ui
