// A PNG, JPEG or WebP file, decoded, laid over white and resized.
#include "fuzz/fuzz_target.h"
#include "io/picture/raster.h"

namespace headlight::fuzz {
namespace {

Status read(const std::string& path) {
    HEADLIGHT_TRY(Raster raster, read_picture(path));
    constexpr int kSide = 24;
    resize(over_white(std::move(raster)), kSide, kSide, Resampling::Bicubic);
    return {};
}

}  // namespace

extern const FuzzTarget k_fuzz_picture = {"picture", "picture.png", read};

}  // namespace headlight::fuzz
