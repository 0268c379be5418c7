// A picture of a file as pixels, and what is done to them before a model reads them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace headlight {

/// Most of what a picture of a stranger may be; anything above is refused before it is decoded.
inline constexpr int kMostPictureSide = 1 << 15;
inline constexpr std::int64_t kMostPicturePixels = 50'000'000;
inline constexpr std::size_t kMostPictureBytes = std::size_t{256} << 20;

struct Raster {
    int width = 0, height = 0;
    std::vector<std::uint8_t> rgb;    // [height, width, 3]
    std::vector<std::uint8_t> alpha;  // [height, width]; empty: all is opaque

    std::size_t num_pixels() const {
        return static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    }
};

/// A PNG, JPEG or WebP file as Pillow opens it, turned as it is stored: what EXIF says of its orientation is
/// left alone. Errors: Missing, Unsupported (another format, CMYK, animations), Corrupt, InvalidInput (more
/// bytes or pixels than kMost...).
Result<Raster> read_picture(const std::string& path);
/// The same of bytes; `path` is for the errors.
Result<Raster> decode_picture(const std::string& bytes, const std::string& path);

/// A PNG, JPEG or WebP file by its first bytes; reads nothing else.
bool is_picture(const std::string& path);

/// The filters of Pillow by their numbers.
enum class Resampling { Nearest = 0, Lanczos = 1, Bilinear = 2, Bicubic = 3, Box = 4, Hamming = 5 };

/// The colours in another size, with antialiasing where it shrinks, byte for byte as Pillow 13 resizes RGB:
/// in fixed point of 22 bits; along columns first where that takes away more, by twice, than along rows.
/// Pillow up to 12 goes along rows first always. Alpha is dropped.
Raster resize(const Raster& raster, int height, int width, Resampling filter);

/// The middle of the colours; where they are smaller, zeros stand around them. Alpha is dropped.
Raster crop_centre(const Raster& raster, int height, int width);

/// Lays the picture over white and drops its alpha, byte for byte as Pillow does.
Raster over_white(Raster raster);

}  // namespace headlight
