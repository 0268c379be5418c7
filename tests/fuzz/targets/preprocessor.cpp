// preprocessor_config.json, and a small picture prepared as it says.
#include <filesystem>

#include "fuzz/fuzz_target.h"
#include "io/picture/preprocessor.h"

namespace headlight::fuzz {
namespace {

Status read(const std::string& path) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    HEADLIGHT_TRY(const Preprocessor steps, read_preprocessor(folder, "vit"));
    // Sizes beyond this are sound, and take too long for a fuzzer.
    constexpr int kMostSide = 2000;
    for (const int side :
         {steps.height, steps.width, steps.shortest_edge, steps.crop_height, steps.crop_width}) {
        if (side > kMostSide) return {};
    }
    Raster raster{3, 2, std::vector<std::uint8_t>(18, 200), std::vector<std::uint8_t>(6, 100)};
    return preprocess(steps, std::move(raster)).transform([](const SeenPicture&) {});
}

}  // namespace

extern const FuzzTarget k_fuzz_preprocessor = {"preprocessor", "preprocessor_config.json", read};

}  // namespace headlight::fuzz
