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
    for (int i = 0; i < kEntries; ++i) {
        const Rgb8 colour = signed_colour(theme == ui::ThemeKind::Dark, 2.0 * i / (kEntries - 1) - 1, gamma);
        std::copy_n(&colour.r, 3, &table.bytes[static_cast<std::size_t>(3 * i)]);
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
