// The one table of the colour maps: uploaded as a texture by gfx, used by figures and legends.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace headlight {

struct Rgb8 {
    std::uint8_t r = 0, g = 0, b = 0;
};

inline constexpr int kColormapSize = 256;
using Colormap = std::array<Rgb8, kColormapSize>;

/// Weights on dark: from the card's colour (#171a21) through blue and green to pale yellow; lightness only
/// rises.
const Colormap& colormap_dark();
/// Weights on light and in print: from white through blue to navy; lightness only falls.
const Colormap& colormap_light();

/// Differences, `value` in [-1, 1] (clamped): blue below zero, the ground at zero, rose above, by
/// |value|^gamma; lightness leaves the ground's evenly on both sides, so that order survives grey and every
/// common colour blindness.
Rgb8 signed_colour(bool is_dark, double value, double gamma);

/// Colour of a value in [0, 1] (clamped) after value^gamma.
Rgb8 sample(const Colormap& map, double value, double gamma);

}  // namespace headlight
