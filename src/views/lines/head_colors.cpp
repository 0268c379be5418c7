// Colours of chosen heads.
#include "views/lines/head_colors.h"

#include <algorithm>
#include <cstdint>

#include "views/heatmap/attention_lines.h"

namespace headlight {

namespace {

/// The same lightness, further from grey: what a mix of two colours loses.
ui::Rgba vivid(ui::Rgba color, float factor) {
    const float grey =
        (static_cast<float>(color.r) + static_cast<float>(color.g) + static_cast<float>(color.b)) / 3;
    const auto away = [&](std::uint8_t channel) {
        return static_cast<std::uint8_t>(
            std::clamp(grey + (static_cast<float>(channel) - grey) * factor, 0.0f, 255.0f));
    };
    return {away(color.r), away(color.g), away(color.b), color.a};
}

}  // namespace

// Neighbours in the list differ in hue and lightness, so that people who mix up red and green tell them
// apart.
ui::Rgba head_color(const ui::Colors& colors, int index) {
    using gfx::mix;
    switch (index % kMostColoredHeads) {
        case 0:
            return colors.second;
        case 1:
            return colors.third;
        case 2:
            return vivid(mix(colors.error, colors.second, 0.55f), 2.2f);
        case 3:
            return mix(colors.error, colors.text, 0.1f);
        case 4:
            return vivid(mix(mix(colors.second, colors.third, 0.5f), colors.text, 0.3f), 1.6f);
        case 5:
            return vivid(mix(colors.third, colors.error, 0.4f), 2.0f);
        case 6:
            return vivid(mix(colors.second, colors.background, 0.35f), 1.3f);
        default:
            return mix(colors.dim, colors.text, 0.5f);
    }
}

std::vector<HeadId> colored_heads(const Selection& selection) {
    std::vector<HeadId> heads = selected_heads(selection);
    if (heads.size() > kMostColoredHeads) heads.resize(kMostColoredHeads);
    return heads;
}

std::optional<ui::Rgba> color_of_added(const ui::Colors& colors, const Selection& selection, HeadId head) {
    const std::vector<HeadId> heads = colored_heads(selection);
    for (std::size_t i = 1; i < heads.size(); ++i)
        if (heads[i] == head) return head_color(colors, static_cast<int>(i));
    return std::nullopt;
}

}  // namespace headlight
