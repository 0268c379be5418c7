#include "ui/shaped_text.h"

#include <cmath>
#include <string>

#include "base/utf8.h"
#include "ui/kit.h"

namespace headlight::ui {
namespace {

gfx::TextStyle scaled(const ShapedStyle& style) {
    return {style.size * kit().scale, style.weight};
}

ImTextureID texture_id(gfx::GlId id) {
    return reinterpret_cast<ImTextureID>(static_cast<std::uintptr_t>(id));
}

ImU32 text_ink(const gfx::ShapedText& shaped, Rgba color) {
    // Fades with the style's alpha, as ImGui's own widgets do.
    return ImGui::GetColorU32(shaped.has_color ? IM_COL32(255, 255, 255, color.a) : to_u32(color));
}

}  // namespace

gfx::TextExtents measure_shaped(std::string_view text, const ShapedStyle& style) {
    return kit().text_cache.measure(text, scaled(style));
}

float draw_shaped(ImDrawList* list, ImVec2 pos, std::string_view text, Rgba color, const ShapedStyle& style) {
    const gfx::ShapedText& shaped = kit().text_cache.get(text, scaled(style), color);
    if (kit().recorder.is_on && !text.empty()) {
        const ImVec2 end{pos.x + shaped.extents.advance, pos.y + shaped.extents.height()};
        kit().recorder.record_text(
            {std::string(text), pos, end, list->GetClipRectMin(), list->GetClipRectMax()});
    }
    if (shaped.texture != 0) {
        // Whole pixels: the bitmap was drawn for them.
        const ImVec2 min{std::round(pos.x - shaped.origin_x),
                         std::round(pos.y + shaped.extents.ascent) - std::round(shaped.origin_y)};
        const ImVec2 max{min.x + static_cast<float>(shaped.width), min.y + static_cast<float>(shaped.height)};
        list->AddImage(texture_id(shaped.texture), min, max, {shaped.u0, shaped.v0}, {shaped.u1, shaped.v1},
                       text_ink(shaped, color));
    }
    return shaped.extents.advance;
}

void draw_shaped_right(ImDrawList* list, ImVec2 right_top, std::string_view text, Rgba color,
                       const ShapedStyle& style) {
    draw_shaped(list, {right_top.x - measure_shaped(text, style).advance, right_top.y}, text, color, style);
}

void draw_shaped_rotated(ImDrawList* list, ImVec2 pivot, float angle_rad, std::string_view text, Rgba color,
                         const ShapedStyle& style) {
    const gfx::ShapedText& shaped = kit().text_cache.get(text, scaled(style), color);
    if (shaped.texture == 0) return;
    const float c = std::cos(angle_rad), s = std::sin(angle_rad);
    const auto turned = [&](float x, float y) {
        return ImVec2{pivot.x + x * c + y * s, pivot.y - x * s + y * c};
    };
    const float x0 = -shaped.origin_x, y0 = -shaped.origin_y;
    const float x1 = x0 + static_cast<float>(shaped.width), y1 = y0 + static_cast<float>(shaped.height);
    list->AddImageQuad(texture_id(shaped.texture), turned(x0, y0), turned(x1, y0), turned(x1, y1),
                       turned(x0, y1), {shaped.u0, shaped.v0}, {shaped.u1, shaped.v0}, {shaped.u1, shaped.v1},
                       {shaped.u0, shaped.v1}, text_ink(shaped, color));
}

std::string shorten_shaped(std::string_view text, float max_width, const ShapedStyle& style) {
    if (measure_shaped(text, style).advance <= max_width) return std::string(text);
    // Cuts between code points; the longest that fits is found by halving.
    std::vector<std::size_t> cuts;
    for (std::size_t byte = 0; byte < text.size(); byte += utf8::decode(text, byte).size_bytes)
        cuts.push_back(byte);
    const std::string ellipsis = "\xE2\x80\xA6";
    if (measure_shaped(ellipsis, style).advance > max_width) return {};
    std::size_t low = 0, high = cuts.size();
    while (low + 1 < high) {
        const std::size_t middle = (low + high) / 2;
        const std::string shorter = std::string(text.substr(0, cuts[middle])) + ellipsis;
        (measure_shaped(shorter, style).advance <= max_width ? low : high) = middle;
    }
    return cuts.empty() ? ellipsis : std::string(text.substr(0, cuts[low])) + ellipsis;
}

}  // namespace headlight::ui
