// The colours of the two themes and the shape of every widget. Nothing else in the program names a colour.
#pragma once

#include <imgui.h>

#include "gfx/color.h"

namespace headlight::ui {

using gfx::Rgba;

enum class ThemeKind { Dark, Light };

struct Colors {
    Rgba background, card, line, text, dim;
    Rgba accent;  // the selection, and nothing else
    Rgba second, third;
    Rgba on_accent;  // text on an accent fill
    Rgba control;    // fill of chips, pills, inputs
    Rgba control_hover, control_active;
    Rgba track;   // empty part of a bar
    Rgba other;   // the share that has no colour of its own
    Rgba masked;  // structural zeros in heatmaps: the card's neighbour
    Rgba grid;    // cell lines in heatmaps
    Rgba popup;   // menus, tooltips, dialogs
    Rgba shade;   // laid over what a dialog covers
    Rgba error, warning;
};

const Colors& theme_colors(ThemeKind kind);

/// Hues that people call by name when they mark something: yellow, orange, red, pink, violet, blue, teal,
/// green. Each is seen on the cards and on the pictures of its theme.
inline constexpr int kNumNamedHues = 8;
Rgba named_hue(ThemeKind kind, int index);

ImU32 to_u32(Rgba color);
ImU32 to_u32(Rgba color, float opacity);
ImVec4 to_vec4(Rgba color);

/// Puts colours, paddings and roundings of `kind` at `scale` into the current ImGui style.
void apply_style(ThemeKind kind, float scale);

// Sizes at scale 1, in pixels.
inline constexpr float kGap = 8;
inline constexpr float kRadius = 8;
inline constexpr float kControlRadius = 5;
inline constexpr float kCardPadding = 12;
inline constexpr float kHeaderHeight = 38;
inline constexpr float kControlHeight = 24;
inline constexpr float kRowHeight = 22;
inline constexpr float kRowBleed = 6;  // how far a row's fill reaches beyond its text

}  // namespace headlight::ui
