// Colour maps under three simulated deficiencies and in grey: order and signs must survive.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "figure/colour_maps.h"

using namespace headlight;

namespace {

struct Vec {
    double x = 0, y = 0, z = 0;
};

double linear(std::uint8_t byte) {
    const double c = byte / 255.0;
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}

Vec linear_rgb(Rgb8 c) {
    return {linear(c.r), linear(c.g), linear(c.b)};
}

using Matrix = std::array<double, 9>;

Vec times(const Matrix& m, const Vec& v) {
    return {m[0] * v.x + m[1] * v.y + m[2] * v.z, m[3] * v.x + m[4] * v.y + m[5] * v.z,
            m[6] * v.x + m[7] * v.y + m[8] * v.z};
}

/// CIE L*a*b* (D65) of linear sRGB.
Vec lab(const Vec& rgb) {
    const Vec xyz = times(
        {0.4124564, 0.3575761, 0.1804375, 0.2126729, 0.7151522, 0.0721750, 0.0193339, 0.1191920, 0.9503041},
        rgb);
    const auto f = [](double t) { return t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116; };
    const double x = f(xyz.x / 0.95047), y = f(xyz.y), z = f(xyz.z / 1.08883);
    return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

double distance(const Vec& a, const Vec& b) {
    return std::sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y) + (a.z - b.z) * (a.z - b.z));
}

struct Sight {
    const char* name;
    Matrix matrix;  // of linear sRGB; Machado, Oliveira and Fernandes 2009, severity 1
};
constexpr Sight kSights[] = {
    {"normal", {1, 0, 0, 0, 1, 0, 0, 0, 1}},
    {"protanopia",
     {0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998}},
    {"deuteranopia",
     {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881}},
    {"tritanopia",
     {1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900}},
};

Vec seen(const Sight& sight, Rgb8 colour) {
    Vec rgb = times(sight.matrix, linear_rgb(colour));
    for (double* c : {&rgb.x, &rgb.y, &rgb.z})
        *c = std::clamp(*c, 0.0, 1.0);
    return lab(rgb);
}

/// Lightness runs one way, with no step of a sixteenth below `least` and none of a 256th that turns back.
void check_ramp(const Colormap& map, const Sight& sight, double least) {
    const double way = seen(sight, map.back()).x > seen(sight, map.front()).x ? 1 : -1;
    for (std::size_t i = 1; i < map.size(); ++i)
        CHECK(way * (seen(sight, map[i]).x - seen(sight, map[i - 1]).x) > -0.8);
    for (std::size_t i = 16; i < map.size(); i += 16)
        CHECK(way * (seen(sight, map[i]).x - seen(sight, map[i - 16]).x) >= least);
}

}  // namespace

TEST_CASE("colour maps: lightness keeps the order of weights for every sight and in grey") {
    for (const ColourMapInfo& info : figure_colour_maps()) {
        if (info.is_signed) continue;
        for (const bool is_dark : {false, true}) {
            const Colormap* map = weight_map(info.name, is_dark);
            REQUIRE(map != nullptr);
            for (const Sight& sight : kSights) {
                INFO(info.name, is_dark ? " dark " : " light ", sight.name);
                check_ramp(*map, sight, 1.0);
                CHECK(std::abs(seen(sight, map->back()).x - seen(sight, map->front()).x) > 50);
            }
        }
    }
}

TEST_CASE("colour maps: both sides of zero are told apart by every sight") {
    for (const ColourMapInfo& info : figure_colour_maps()) {
        if (!info.is_signed) continue;
        for (const bool is_dark : {false, true}) {
            const SignedColourMap* map = signed_map(info.name, is_dark);
            REQUIRE(map != nullptr);
            CHECK(distance(lab(linear_rgb(map->at(0, 1))), lab(linear_rgb(map->below[0]))) < 0.5);
            CHECK(distance(lab(linear_rgb(map->below[0])), lab(linear_rgb(map->above[0]))) < 0.5);
            for (const Sight& sight : kSights) {
                INFO(info.name, is_dark ? " dark " : " light ", sight.name);
                check_ramp(map->below, sight, 0.5);
                check_ramp(map->above, sight, 0.5);
                for (const double value : {0.25, 0.5, 0.75, 1.0})
                    CHECK(distance(seen(sight, map->at(value, 1)), seen(sight, map->at(-value, 1))) > 10);
            }
        }
    }
}

TEST_CASE("colour maps: the signed greys keep the sign without any colour") {
    const SignedColourMap* map = signed_map("greys", false);
    REQUIRE(map != nullptr);
    CHECK(lab(linear_rgb(map->at(1, 1))).x - lab(linear_rgb(map->at(0, 1))).x > 25);
    CHECK(lab(linear_rgb(map->at(0, 1))).x - lab(linear_rgb(map->at(-1, 1))).x > 25);
}

TEST_CASE("colour maps: unknown names are none") {
    CHECK(weight_map("jet", false) == nullptr);
    CHECK(signed_map("jet", true) == nullptr);
    CHECK(colour_map_names(true).find("rose_blue") != std::string::npos);
}
