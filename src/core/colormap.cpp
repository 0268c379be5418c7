#include "core/colormap.h"

#include <algorithm>
#include <cmath>

namespace headlight {
namespace {

struct Stop {
    double position;
    double r, g, b;
};

// Linear interpolation between stops whose CIE lightness is monotone, so that order survives grey printing
// and every common colour blindness. A test checks the monotony.
template <std::size_t N>
Colormap interpolate(const Stop (&stops)[N]) {
    Colormap map{};
    for (int i = 0; i < kColormapSize; ++i) {
        const double t = static_cast<double>(i) / (kColormapSize - 1);
        std::size_t k = 1;
        while (k + 1 < N && t > stops[k].position)
            ++k;
        const Stop& a = stops[k - 1];
        const Stop& b = stops[k];
        const double f = std::clamp((t - a.position) / (b.position - a.position), 0.0, 1.0);
        const auto mix = [f](double x, double y) {
            return static_cast<std::uint8_t>(std::lround(x + f * (y - x)));
        };
        map[static_cast<std::size_t>(i)] = {mix(a.r, b.r), mix(a.g, b.g), mix(a.b, b.b)};
    }
    return map;
}

constexpr Stop kDark[] = {{0.00, 23, 26, 33},   {0.15, 27, 42, 82},    {0.35, 33, 84, 139},
                          {0.55, 42, 137, 146}, {0.75, 104, 190, 116}, {0.90, 220, 217, 104},
                          {1.00, 253, 243, 190}};
constexpr Stop kLight[] = {{0.00, 255, 255, 255}, {0.15, 222, 234, 248}, {0.40, 150, 190, 228},
                           {0.65, 66, 130, 195},  {0.85, 20, 75, 145},   {1.00, 8, 31, 82}};

}  // namespace

const Colormap& colormap_dark() {
    static const Colormap map = interpolate(kDark);
    return map;
}

const Colormap& colormap_light() {
    static const Colormap map = interpolate(kLight);
    return map;
}

Rgb8 sample(const Colormap& map, double value, double gamma) {
    const double v = std::pow(std::clamp(value, 0.0, 1.0), gamma);
    return map[static_cast<std::size_t>(std::lround(v * (kColormapSize - 1)))];
}

}  // namespace headlight
