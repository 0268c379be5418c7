#include <webp/decode.h>

#include "io/picture/decoders.h"

namespace headlight {

Result<Raster> decode_webp(const std::string& bytes, const std::string& path) {
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    const auto refuse = [&](ErrorKind kind, const char* why) {
        return fail(make_error(kind, "the WebP file cannot be decoded: {}", why).in_file(path));
    };
    WebPBitstreamFeatures features;
    if (WebPGetFeatures(data, bytes.size(), &features) != VP8_STATUS_OK)
        return refuse(ErrorKind::Corrupt, "its header is broken");
    HEADLIGHT_CHECK(check_picture_size(features.width, features.height, path));
    if (features.has_animation != 0)
        return refuse(ErrorKind::Unsupported, "it is an animation, not a picture");
    Raster out{features.width, features.height, {}, {}};
    const std::size_t channels = features.has_alpha != 0 ? 4 : 3;
    std::vector<std::uint8_t> pixels(out.num_pixels() * channels);
    const auto decode = channels == 4 ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
    if (decode(data, bytes.size(), pixels.data(), pixels.size(),
               features.width * static_cast<int>(channels)) == nullptr)
        return refuse(ErrorKind::Corrupt, "its pixels are broken or the file ends too early");
    if (channels == 3) {
        out.rgb = std::move(pixels);
        return out;
    }
    for (std::size_t i = 0; i < out.num_pixels(); ++i) {
        out.rgb.insert(out.rgb.end(), {pixels[i * 4], pixels[i * 4 + 1], pixels[i * 4 + 2]});
        out.alpha.push_back(pixels[i * 4 + 3]);
    }
    return out;
}

}  // namespace headlight
