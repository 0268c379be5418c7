// Pixels in main memory, reading them back from GL, and PNG files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "gfx/color.h"
#include "gfx/gl_handles.h"

namespace headlight::gfx {

/// RGBA, 8 bits a channel, row 0 on top.
struct Image {
    int width = 0, height = 0;
    std::vector<Rgba> pixels;  // [height, width]
    Rgba at(int x, int y) const {
        return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                      static_cast<std::size_t>(x)];
    }
    /// Turns the picture upside down: what ImGui drew into a frame buffer has row 0 at the bottom.
    void flip_rows();
};

/// The whole of a frame buffer that our renderers drew.
Result<Image> read_framebuffer(const Framebuffer& framebuffer);
/// RGB (alpha is dropped) as the bytes of a PNG file. Errors: Internal.
Result<std::string> png_bytes(const Image& image);
/// Writes RGB (alpha is dropped) as PNG, whole or not at all. Errors: Internal with the system's words.
Status write_png(const Image& image, const std::string& path);

}  // namespace headlight::gfx
