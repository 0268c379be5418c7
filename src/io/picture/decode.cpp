#include <algorithm>
#include <string_view>

#include "base/mapped_file.h"
#include "io/picture/decoders.h"

namespace headlight {
namespace {

using namespace std::string_view_literals;

enum class PictureFormat { Png, Jpeg, Webp, Other };

constexpr std::size_t kSniffedBytes = 16;

PictureFormat format_of(std::string_view head) {
    if (head.starts_with("\x89PNG\r\n\x1a\n"sv)) return PictureFormat::Png;
    if (head.starts_with("\xff\xd8\xff"sv)) return PictureFormat::Jpeg;
    const bool is_webp = head.starts_with("RIFF"sv) && head.size() >= 12 && head.substr(8, 4) == "WEBP"sv;
    return is_webp ? PictureFormat::Webp : PictureFormat::Other;
}

}  // namespace

Status check_picture_size(std::int64_t width, std::int64_t height, const std::string& path) {
    if (width >= 1 && height >= 1 && width <= kMostPictureSide && height <= kMostPictureSide &&
        width * height <= kMostPicturePixels)
        return {};
    return fail(make_error(ErrorKind::InvalidInput,
                           "the picture has {} x {} pixels, expected 1 to {} along a side and at most {} in "
                           "all; make it smaller",
                           width, height, kMostPictureSide, kMostPicturePixels)
                    .in_file(path));
}

Result<Raster> decode_picture(const std::string& bytes, const std::string& path) {
    switch (format_of(std::string_view(bytes).substr(0, kSniffedBytes))) {
        case PictureFormat::Png:
            return decode_png(bytes, path);
        case PictureFormat::Jpeg:
            return decode_jpeg(bytes, path);
        case PictureFormat::Webp:
            return decode_webp(bytes, path);
        case PictureFormat::Other:
            break;
    }
    return fail(make_error(ErrorKind::Unsupported,
                           "this is no picture that Headlight reads; expected a PNG, JPEG or WebP file")
                    .in_file(path));
}

Result<Raster> read_picture(const std::string& path) {
    HEADLIGHT_TRY(const std::string bytes, read_text_file(path, kMostPictureBytes));
    return decode_picture(bytes, path);
}

bool is_picture(const std::string& path) {
    return format_of(first_bytes(path, kSniffedBytes)) != PictureFormat::Other;
}

}  // namespace headlight
