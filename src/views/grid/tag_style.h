// Colours of patterns and flow shares: mixed from the theme, never its accent.
#pragma once

#include <string>
#include <string_view>

#include "analysis/detector.h"
#include "ui/theme.h"

namespace headlight {

/// The letter of a detector: what tells it from others where colours do not.
char tag_letter(std::string_view detector_id);
/// Its letter on a small square of its colour.
void draw_tag_mark(ImVec2 pos, std::string_view detector_id);
/// Side of that square, pixels.
float tag_mark_size();

/// The legend colour of a detector, the same in every view.
ui::Rgba tag_color(const ui::Colors& colors, std::string_view detector_id);

/// "previous token: score 0.76, uniform 0.11, lift 7.0×, κ 0.74".
std::string tag_sentence(const Tag& tag);

}  // namespace headlight
