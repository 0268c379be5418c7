#include "figure/colour_maps.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

namespace headlight {
namespace {

constexpr ColourMapInfo kMaps[] = {
    {"blues", "from paper through blue to navy; on dark paper through blue and green to pale yellow", false},
    {"greys", "from paper to ink: what a grey printer makes of all others", false},
    {"embers", "from paper through orange to dark red", false},
    {"blue_yellow", "from dark blue to yellow, for colour-blind readers and dark slides", false},
    {"rose_blue", "blue below zero, rose above", true},
    {"orange_blue", "blue below zero, orange above", true},
    {"greys", "black below zero, white above: signs that a grey printer keeps", true},
};

double to_srgb(double linear) {
    const double c = std::clamp(linear, 0.0, 1.0);
    return c <= 0.0031308 ? 12.92 * c : 1.055 * std::pow(c, 1 / 2.4) - 0.055;
}

struct LinearRgb {
    double r, g, b;
    bool is_inside() const {
        const auto is_in = [](double v) { return v >= -1e-4 && v <= 1 + 1e-4; };
        return is_in(r) && is_in(g) && is_in(b);
    }
};

/// Oklab (Ottosson 2020) to linear sRGB; lightness in [0, 1], hue in degrees.
LinearRgb from_oklch(double lightness, double chroma, double hue_deg) {
    const double a = chroma * std::cos(hue_deg * std::numbers::pi / 180),
                 b = chroma * std::sin(hue_deg * std::numbers::pi / 180);
    const double l = std::pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3),
                 m = std::pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3),
                 s = std::pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
    return {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
            -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
            -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

/// The colour of that lightness and hue with as much of the chroma as the screen has.
Rgb8 oklch_colour(double lightness, double chroma, double hue_deg) {
    LinearRgb rgb = from_oklch(lightness, chroma, hue_deg);
    for (int i = 0; i < 40 && !rgb.is_inside(); ++i)
        rgb = from_oklch(lightness, chroma *= 0.93, hue_deg);
    const auto byte = [](double v) { return static_cast<std::uint8_t>(std::lround(255 * to_srgb(v))); };
    return {byte(rgb.r), byte(rgb.g), byte(rgb.b)};
}

/// A way through Oklab: lightness runs evenly, hue evenly, chroma rises to its most and falls again.
struct ColourPath {
    double light_from, light_to;
    double hue_from, hue_to;
    double chroma;       // at its most
    double chroma_from;  // share of it at the beginning
    double chroma_to;    // and at the end
};

Colormap make_map(const ColourPath& path) {
    Colormap map{};
    for (int i = 0; i < kColormapSize; ++i) {
        const double t = static_cast<double>(i) / (kColormapSize - 1);
        const double ends = path.chroma_from + t * (path.chroma_to - path.chroma_from);
        const double arch = ends + (1 - ends) * std::sin(t * std::numbers::pi);
        map[static_cast<std::size_t>(i)] =
            oklch_colour(path.light_from + t * (path.light_to - path.light_from), path.chroma * arch,
                         path.hue_from + t * (path.hue_to - path.hue_from));
    }
    return map;
}

constexpr double kWhite = 1.0, kCard = 0.218;  // lightness of the two papers

SignedColourMap default_signed(bool is_dark) {
    SignedColourMap map{};
    for (int i = 0; i < kColormapSize; ++i) {
        const double t = static_cast<double>(i) / (kColormapSize - 1);
        map.below[static_cast<std::size_t>(i)] = signed_colour(is_dark, -t, 1);
        map.above[static_cast<std::size_t>(i)] = signed_colour(is_dark, t, 1);
    }
    return map;
}

using Maps = std::map<std::string, Colormap, std::less<>>;
using SignedMaps = std::map<std::string, SignedColourMap, std::less<>>;

Maps make_weight_maps(bool is_dark) {
    const double ground = is_dark ? kCard : kWhite;
    return {{"blues", is_dark ? colormap_dark() : colormap_light()},
            {"greys", make_map({ground, is_dark ? 1.0 : 0.15, 0, 0, 0, 0, 0})},
            {"embers", is_dark ? make_map({ground, 0.97, 15, 105, 0.19, 0, 0.4})
                               : make_map({ground, 0.25, 85, 20, 0.19, 0, 0.5})},
            {"blue_yellow", make_map({0.22, 0.93, 265, 100, 0.11, 0.6, 1})}};
}

SignedMaps make_signed_maps(bool is_dark) {
    const double ground = is_dark ? kCard : kWhite, far = is_dark ? 0.93 : 0.3;
    // Both arms of `greys` are one way from black to white, with the ground in its middle.
    return {
        {"rose_blue", default_signed(is_dark)},
        {"orange_blue",
         {make_map({ground, far, 255, 262, 0.17, 0, 0.5}), make_map({ground, far, 70, 45, 0.17, 0, 0.6})}},
        {"greys", {make_map({0.6, 0.1, 0, 0, 0, 0, 0}), make_map({0.6, 1.0, 0, 0, 0, 0, 0})}}};
}

template <class Map>
auto find_map(const Map& maps, std::string_view name) -> const typename Map::mapped_type* {
    const auto found = maps.find(name);
    return found == maps.end() ? nullptr : &found->second;
}

}  // namespace

Rgb8 SignedColourMap::at(double value, double gamma) const {
    return sample(value < 0 ? below : above, std::abs(value), gamma);
}

std::span<const ColourMapInfo> figure_colour_maps() {
    return kMaps;
}

std::string colour_map_names(bool is_signed) {
    std::string out;
    for (const ColourMapInfo& map : kMaps)
        if (map.is_signed == is_signed) out += (out.empty() ? "" : ", ") + std::string(map.name);
    return out;
}

const Colormap* weight_map(std::string_view name, bool is_dark) {
    static const Maps light = make_weight_maps(false), dark = make_weight_maps(true);
    return find_map(is_dark ? dark : light, name);
}

const SignedColourMap* signed_map(std::string_view name, bool is_dark) {
    static const SignedMaps light = make_signed_maps(false), dark = make_signed_maps(true);
    return find_map(is_dark ? dark : light, name);
}

}  // namespace headlight
