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
Rgb8 colour_at(std::span<const Stop> stops, double position) {
    std::size_t k = 1;
    while (k + 1 < stops.size() && position > stops[k].position)
        ++k;
    const Stop &a = stops[k - 1], &b = stops[k];
    const double f = std::clamp((position - a.position) / (b.position - a.position), 0.0, 1.0);
    const auto mix = [f](double x, double y) {
        return static_cast<std::uint8_t>(std::lround(x + f * (y - x)));
    };
    return {mix(a.r, b.r), mix(a.g, b.g), mix(a.b, b.b)};
}

Colormap interpolate(std::span<const Stop> stops) {
    Colormap map{};
    for (int i = 0; i < kColormapSize; ++i)
        map[static_cast<std::size_t>(i)] = colour_at(stops, static_cast<double>(i) / (kColormapSize - 1));
    return map;
}

constexpr Stop kDark[] = {{0.00, 23, 26, 33},   {0.15, 27, 42, 82},    {0.35, 33, 84, 139},
                          {0.55, 42, 137, 146}, {0.75, 104, 190, 116}, {0.90, 220, 217, 104},
                          {1.00, 253, 243, 190}};
constexpr Stop kLight[] = {{0.00, 255, 255, 255}, {0.15, 222, 234, 248}, {0.40, 150, 190, 228},
                           {0.65, 66, 130, 195},  {0.85, 20, 75, 145},   {1.00, 8, 31, 82}};

// Away from zero.
constexpr Stop kDarkBelow[] = {{0, 23, 26, 33}, {0.4, 33, 78, 140}, {0.75, 84, 154, 230}, {1, 205, 229, 255}};
constexpr Stop kDarkAbove[] = {
    {0, 23, 26, 33}, {0.4, 116, 42, 82}, {0.75, 222, 102, 134}, {1, 255, 217, 224}};
constexpr Stop kLightBelow[] = {
    {0, 255, 255, 255}, {0.4, 160, 197, 236}, {0.75, 52, 112, 190}, {1, 10, 40, 104}};
constexpr Stop kLightAbove[] = {
    {0, 255, 255, 255}, {0.4, 243, 178, 192}, {0.75, 196, 62, 104}, {1, 104, 8, 48}};

}  // namespace

const Colormap& colormap_dark() {
    static const Colormap map = interpolate(kDark);
    return map;
}

const Colormap& colormap_light() {
    static const Colormap map = interpolate(kLight);
    return map;
}

Rgb8 signed_colour(bool is_dark, double value, double gamma) {
    const double distance = std::pow(std::min(1.0, std::abs(value)), gamma);
    const std::span<const Stop> stops = is_dark
                                            ? std::span<const Stop>(value < 0 ? kDarkBelow : kDarkAbove)
                                            : std::span<const Stop>(value < 0 ? kLightBelow : kLightAbove);
    return colour_at(stops, distance);
}

Rgb8 sample(const Colormap& map, double value, double gamma) {
    const double v = std::pow(std::clamp(value, 0.0, 1.0), gamma);
    return map[static_cast<std::size_t>(std::lround(v * (kColormapSize - 1)))];
}

}  // namespace headlight
