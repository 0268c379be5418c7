// Small helpers for pixel assertions.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "gfx/heatmap_renderer.h"

namespace headlight::test {

/// 256 entries in which every channel differs from its neighbours', so that an index off by one shows.
inline std::vector<std::uint8_t> ramp_colormap() {
    std::vector<std::uint8_t> bytes;
    for (int i = 0; i < 256; ++i) {
        bytes.push_back(static_cast<std::uint8_t>(i));
        bytes.push_back(static_cast<std::uint8_t>(255 - i));
        bytes.push_back(static_cast<std::uint8_t>(i / 2));
    }
    return bytes;
}

/// Largest difference of a channel.
inline int difference(gfx::Rgba a, gfx::Rgba b) {
    return std::max({std::abs(a.r - b.r), std::abs(a.g - b.g), std::abs(a.b - b.b)});
}

inline constexpr gfx::Rgba kMasked = gfx::rgb(0x102030);
inline constexpr gfx::Rgba kOutside = gfx::rgb(0x405060);
inline constexpr gfx::Rgba kGrid =
    gfx::rgb(0xFFFFFF, 0);  // no lines, so that every pixel of a cell has its colour

inline gfx::HeatmapRequest request_for(const gfx::HeatmapMatrix& matrix, int width_px, int height_px,
                                       const std::vector<std::uint8_t>& colormap) {
    gfx::HeatmapRequest request;
    request.width_px = width_px;
    request.height_px = height_px;
    request.visible = {0, 0, static_cast<double>(matrix.cols()), static_cast<double>(matrix.rows())};
    request.colormap_rgb = colormap;
    request.masked = kMasked;
    request.outside = kOutside;
    request.grid = kGrid;
    return request;
}

}  // namespace headlight::test
