// How the settings turn weights into colours.
#include "views/pictures.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/colormap.h"

namespace headlight {

std::span<const std::uint8_t> weight_colormap(ui::ThemeKind theme) {
    const Colormap& map = theme == ui::ThemeKind::Dark ? colormap_dark() : colormap_light();
    static_assert(sizeof(Rgb8) == 3);
    return {&map[0].r, map.size() * 3};
}

namespace {

struct Stop {
    double position, r, g, b;
};
// Away from zero.
constexpr Stop kDarkBelow[] = {{0, 23, 26, 33}, {0.4, 33, 78, 140}, {0.75, 84, 154, 230}, {1, 205, 229, 255}};
constexpr Stop kDarkAbove[] = {
    {0, 23, 26, 33}, {0.4, 116, 42, 82}, {0.75, 222, 102, 134}, {1, 255, 217, 224}};
constexpr Stop kLightBelow[] = {
    {0, 255, 255, 255}, {0.4, 160, 197, 236}, {0.75, 52, 112, 190}, {1, 10, 40, 104}};
constexpr Stop kLightAbove[] = {
    {0, 255, 255, 255}, {0.4, 243, 178, 192}, {0.75, 196, 62, 104}, {1, 104, 8, 48}};

void write_color(std::span<const Stop> stops, double distance, std::uint8_t* out) {
    std::size_t k = 1;
    while (k + 1 < stops.size() && distance > stops[k].position)
        ++k;
    const Stop &a = stops[k - 1], &b = stops[k];
    const double f = std::clamp((distance - a.position) / (b.position - a.position), 0.0, 1.0);
    const auto mix = [f](double x, double y) {
        return static_cast<std::uint8_t>(std::lround(x + f * (y - x)));
    };
    out[0] = mix(a.r, b.r);
    out[1] = mix(a.g, b.g);
    out[2] = mix(a.b, b.b);
}

}  // namespace

std::span<const std::uint8_t> difference_colormap(ui::ThemeKind theme, double gamma) {
    constexpr int kEntries = 257;  // odd: zero has an entry of its own
    struct Table {
        ui::ThemeKind theme = ui::ThemeKind::Dark;
        double gamma = -1;
        std::array<std::uint8_t, 3 * kEntries> bytes{};
    };
    static Table table;  // the window draws on one thread
    if (table.theme == theme && table.gamma == gamma) return table.bytes;
    table.theme = theme;
    table.gamma = gamma;
    const bool is_dark = theme == ui::ThemeKind::Dark;
    for (int i = 0; i < kEntries; ++i) {
        const double signed_distance = 2.0 * i / (kEntries - 1) - 1;
        const bool is_below = signed_distance < 0;
        const std::span<const Stop> stops = is_dark
                                                ? std::span<const Stop>(is_below ? kDarkBelow : kDarkAbove)
                                                : std::span<const Stop>(is_below ? kLightBelow : kLightAbove);
        write_color(stops, std::pow(std::abs(signed_distance), gamma),
                    &table.bytes[static_cast<std::size_t>(3 * i)]);
    }
    return table.bytes;
}

gfx::ValueScale difference_scale(float hi) {
    hi = std::max(hi, kLeastDifference);
    gfx::ValueScale scale;
    scale.lo = -hi;
    scale.hi = hi;
    scale.gamma = 1;
    return scale;
}

gfx::ValueScale weight_scale(const Settings& settings, float hi) {
    gfx::ValueScale scale;
    scale.hi = hi;
    scale.is_log = settings.weight_scale == WeightScale::Log;
    scale.gamma = scale.is_log ? 1.0f : static_cast<float>(settings.gamma);
    return scale;
}

float scale_position(float value, const gfx::ValueScale& scale) {
    if (!scale.is_log)
        return std::clamp((value - scale.lo) / std::max(1e-9f, scale.hi - scale.lo), 0.0f, 1.0f);
    const float lo = std::max(scale.lo, scale.log_floor);
    if (value <= lo) return 0;
    return std::clamp(std::log(value / lo) / std::log(std::max(scale.hi / lo, 1.0001f)), 0.0f, 1.0f);
}

float scale_value(float position, const gfx::ValueScale& scale) {
    if (!scale.is_log) return scale.lo + position * (scale.hi - scale.lo);
    const float lo = std::max(scale.lo, scale.log_floor);
    return lo * std::pow(scale.hi / lo, position);
}

ui::Rgba ink_on(ui::Rgba fill, const ui::Colors& colors) {
    const auto luminance = [](ui::Rgba color) {
        const auto channel = [](std::uint8_t byte) { return std::pow(static_cast<float>(byte) / 255, 2.2f); };
        return 0.2126f * channel(color.r) + 0.7152f * channel(color.g) + 0.0722f * channel(color.b);
    };
    const auto contrast = [&](ui::Rgba ink) {
        const float a = luminance(ink), b = luminance(fill);
        return (std::max(a, b) + 0.05f) / (std::min(a, b) + 0.05f);
    };
    return contrast(colors.text) >= contrast(colors.card) ? colors.text : colors.card;
}

}  // namespace headlight
