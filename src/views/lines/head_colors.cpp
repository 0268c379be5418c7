// Colours of chosen heads.
#include "views/lines/head_colors.h"

#include "views/heatmap/attention_lines.h"

namespace headlight {

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
            return mix(mix(colors.error, colors.second, 0.55f), colors.text, 0.18f);
        case 3:
            return mix(colors.error, colors.text, 0.1f);
        case 4:
            return mix(mix(colors.second, colors.third, 0.5f), colors.text, 0.35f);
        case 5:
            return mix(colors.third, colors.error, 0.42f);
        case 6:
            return mix(colors.second, colors.background, 0.4f);
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
