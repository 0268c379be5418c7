// The formats of pictures behind read_picture(), each by the library that Pillow uses for it.
#pragma once

#include <string>

#include "io/picture/raster.h"

namespace headlight {

/// Sizes that a header names, before memory is taken for them.
Status check_picture_size(std::int64_t width, std::int64_t height, const std::string& path);

Result<Raster> decode_png(const std::string& bytes, const std::string& path);
Result<Raster> decode_jpeg(const std::string& bytes, const std::string& path);
Result<Raster> decode_webp(const std::string& bytes, const std::string& path);

}  // namespace headlight
