// Colours of patterns and flow shares: mixed from the theme, never its accent.
#pragma once

#include <string>
#include <string_view>

#include "analysis/detector.h"
#include "ui/theme.h"

namespace headlight {

/// The dot and legend colour of a detector, the same in every view.
ui::Rgba tag_color(const ui::Colors& colors, std::string_view detector_id);

/// "previous token: score 0.76, uniform 0.11, lift 7.0×, κ 0.74".
std::string tag_sentence(const Tag& tag);

}  // namespace headlight
