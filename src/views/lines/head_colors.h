// One colour a chosen head, where several are shown side by side: lines, their legend, frames in the grid.
#pragma once

#include <optional>
#include <vector>

#include "core/selection.h"
#include "ui/theme.h"

namespace headlight {

/// Heads that are drawn at once, each in its own colour.
inline constexpr int kMostColoredHeads = 8;

/// Of the index-th chosen head, 0 .. kMostColoredHeads - 1; none is the accent.
ui::Rgba head_color(const ui::Colors& colors, int index);

/// The chosen head and those added to it, as many as have colours.
std::vector<HeadId> colored_heads(const Selection& selection);

/// The colour of a head that was added to the chosen one; nothing for others.
std::optional<ui::Rgba> color_of_added(const ui::Colors& colors, const Selection& selection, HeadId head);

}  // namespace headlight
