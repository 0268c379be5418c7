// A row of tabs over a card: names side by side, the chosen one in strong ink.
#pragma once

#include <imgui.h>

#include <span>

#include "ui/controls.h"

namespace headlight::ui {

/// Height of tabs in one row, at scale 1.
inline constexpr float kTabRow = 28;

/// Draws from `pos`; what does not fit goes into further rows. Returns the height that was taken, in pixels.
/// `selected` changes when another tab is pressed.
float tab_row(const char* id, std::span<const Segment> tabs, int& selected, ImVec2 pos, float width);

}  // namespace headlight::ui
