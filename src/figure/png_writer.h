// PNG files made directly with zlib: figures are flat areas, so one filter and the fastest level do, several
// times quicker than Cairo's writer.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "core/colormap.h"

namespace headlight {

/// A picture as Cairo keeps it: one native 0xAARRGGBB word per pixel, [height, width].
struct PixelView {
    std::span<const std::uint32_t> pixels;
    int width = 0;
    int height = 0;
    bool has_alpha = false;  // colours are multiplied by alpha; otherwise the picture is opaque
};

/// RGB (or RGBA) PNG with its print resolution (0: not said), title and recipe (empty: none). No date: the
/// same pixels give the same bytes.
std::string encode_png(const PixelView& picture, double dots_per_inch, const std::string& title = {},
                       const std::string& recipe = {});

/// The same for a picture given as colours, [height, width]; no resolution is stated.
std::string encode_png(std::span<const Rgb8> colours, int width, int height);

}  // namespace headlight
