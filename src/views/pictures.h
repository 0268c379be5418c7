// How the settings turn weights into colours: shared by the grid, the heatmap and its colour bar.
#pragma once

#include <cstdint>
#include <span>

#include "core/settings.h"
#include "gfx/heatmap_renderer.h"
#include "ui/theme.h"

namespace headlight {

/// 3 bytes an entry, for the theme.
std::span<const std::uint8_t> weight_colormap(ui::ThemeKind theme);

/// For differences: blue below zero, the card's colour at zero, rose above; lightness leaves the card's
/// evenly on both sides, so that order survives grey and every common colour blindness. 3 bytes an entry,
/// `gamma` is in the table.
std::span<const std::uint8_t> difference_colormap(ui::ThemeKind theme, double gamma);

/// From -hi to hi, for difference_colormap.
gfx::ValueScale difference_scale(float hi);

/// Differences below it are rounding noise: no scale of differences ends nearer to zero, and it is said.
inline constexpr float kLeastDifference = 1e-4f;

/// Linear with gamma or logarithmic from 1e-4, as the settings say; from 0 to `hi`.
gfx::ValueScale weight_scale(const Settings& settings, float hi = 1);

/// Where a value lies on the scale before gamma: 0 .. 1; the inverse for ticks of the colour bar.
float scale_position(float value, const gfx::ValueScale& scale);
float scale_value(float position, const gfx::ValueScale& scale);

/// Black or white-like: the theme colour that reads better on `fill`.
ui::Rgba ink_on(ui::Rgba fill, const ui::Colors& colors);

}  // namespace headlight
