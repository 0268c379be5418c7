// Colour maps for print, by name. Each is even in lightness, so that order survives grey printing and the
// common colour deficiencies; tests/figure/colour_maps_test.cpp simulates three of them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/colormap.h"

namespace headlight {

/// From the ground at 0 away to both sides.
struct SignedColourMap {
    Colormap below, above;  // [0] is the ground, the last one -1 and +1
    /// `value` in [-1, 1] (clamped), by |value|^gamma.
    Rgb8 at(double value, double gamma) const;
};

struct ColourMapInfo {
    const char* name;
    const char* help;
    bool is_signed;
};
/// blues, greys, embers, blue_yellow; signed: rose_blue, orange_blue, greys.
std::span<const ColourMapInfo> figure_colour_maps();
/// "blues, greys, ..." of one kind.
std::string colour_map_names(bool is_signed);

/// Null: there is none of that name. On dark paper maps begin at it too.
const Colormap* weight_map(std::string_view name, bool is_dark);
const SignedColourMap* signed_map(std::string_view name, bool is_dark);

}  // namespace headlight
