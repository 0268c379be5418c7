#include <doctest/doctest.h>

#include <cmath>

#include "core/colormap.h"

using namespace headlight;

namespace {

double luminance(Rgb8 c) {
    const auto linear = [](double v) {
        return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(c.r / 255.0) + 0.7152 * linear(c.g / 255.0) + 0.0722 * linear(c.b / 255.0);
}

}  // namespace

TEST_CASE("colour maps: lightness is monotone, so order survives grey printing") {
    for (int i = 1; i < kColormapSize; ++i) {
        CHECK(luminance(colormap_dark()[i]) >= luminance(colormap_dark()[i - 1]));
        CHECK(luminance(colormap_light()[i]) <= luminance(colormap_light()[i - 1]));
    }
    CHECK(sample(colormap_light(), 0.0, 0.6).r == 255);
    CHECK(sample(colormap_light(), 2.0, 0.6).b == colormap_light().back().b);
}
