#include "ui/plots.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace headlight::ui {
namespace {

// A strip of columns, each with a top and a bottom edge that fade out over one pixel.
struct StripPoint {
    float x, top, bottom;
};

void draw_strip(ImDrawList* list, std::span<const StripPoint> points, ImU32 color, bool fades_top,
                bool fades_bottom) {
    if (points.size() < 2) return;
    const ImU32 clear = color & ~IM_COL32_A_MASK;
    const ImVec2 uv = ImGui::GetFontTexUvWhitePixel();
    const auto count = static_cast<int>(points.size());
    list->PrimReserve((count - 1) * 18, count * 4);
    const auto base = list->_VtxCurrentIdx;
    for (const StripPoint& point : points) {
        list->PrimWriteVtx({point.x, point.top - (fades_top ? 0.5f : 0)}, uv, fades_top ? clear : color);
        list->PrimWriteVtx({point.x, point.top + (fades_top ? 0.5f : 0)}, uv, color);
        list->PrimWriteVtx({point.x, point.bottom - (fades_bottom ? 0.5f : 0)}, uv, color);
        list->PrimWriteVtx({point.x, point.bottom + (fades_bottom ? 0.5f : 0)}, uv,
                           fades_bottom ? clear : color);
    }
    for (int i = 0; i + 1 < count; ++i) {
        for (int band = 0; band < 3; ++band) {
            const unsigned a = base + static_cast<unsigned>(4 * i + band), b = a + 4;
            for (const unsigned index : {a, b, b + 1, a, b + 1, a + 1})
                list->PrimWriteIdx(static_cast<ImDrawIdx>(index));
        }
    }
}

// Everything fades with the style's alpha, as ImGui's own widgets do.
ImU32 ink(Rgba color) {
    return ImGui::GetColorU32(to_u32(color));
}

ImVec2 snapped(ImVec2 p) {
    return {std::round(p.x), std::round(p.y)};
}

}  // namespace

void draw_ribbon(ImDrawList* list, ImVec2 from, ImVec2 to, float from_thickness, float to_thickness,
                 Rgba color) {
    constexpr int kSteps = 24;
    const float length = std::max(1.0f, to.x - from.x);
    StripPoint points[kSteps + 1];
    for (int i = 0; i <= kSteps; ++i) {
        const float t = static_cast<float>(i) / kSteps;
        const float s = t * t * (3 - 2 * t);  // leaves and arrives horizontally
        const float slope = (to.y - from.y) * 6 * t * (1 - t) / length;
        const float half = 0.5f * std::max(1.0f, from_thickness + t * (to_thickness - from_thickness));
        // Measured across the band, not vertically, so that steep bands do not look thin.
        const float vertical = half * std::min(std::sqrt(1 + slope * slope), 4.0f);
        const float y = from.y + s * (to.y - from.y);
        points[i] = {from.x + t * length, y - vertical, y + vertical};
    }
    draw_strip(list, points, ink(color), true, true);
}

void draw_stacked_areas(ImDrawList* list, ImVec2 min, ImVec2 max, std::span<const AreaSeries> series) {
    if (series.empty() || series[0].shares.empty()) return;
    const std::size_t num_points = series[0].shares.size();
    const float step = num_points > 1 ? (max.x - min.x) / static_cast<float>(num_points - 1) : max.x - min.x;
    std::vector<float> tops(num_points, 0.0f);
    std::vector<std::vector<StripPoint>> strips;
    for (const AreaSeries& area : series) {
        std::vector<StripPoint> strip;
        for (std::size_t i = 0; i < num_points; ++i) {
            const float share =
                i < area.shares.size() && std::isfinite(area.shares[i]) ? area.shares[i] : 0.0f;
            const float bottom = tops[i];
            tops[i] = std::clamp(tops[i] + share, 0.0f, 1.0f);
            const auto y = [&](float v) { return max.y - v * (max.y - min.y); };
            strip.push_back({min.x + step * static_cast<float>(i), y(tops[i]), y(bottom)});
        }
        if (num_points == 1) strip.push_back({max.x, strip[0].top, strip[0].bottom});
        strips.push_back(std::move(strip));
    }
    // Each area reaches down to the foot, the highest first, so that edges blend into the area below and
    // never into a gap.
    for (std::size_t i = strips.size(); i-- > 0;) {
        for (StripPoint& point : strips[i])
            point.bottom = max.y;
        draw_strip(list, strips[i], ink(series[i].color), i + 1 < strips.size(), false);
    }
}

void draw_dashed_line(ImDrawList* list, ImVec2 from, ImVec2 to, Rgba color, float dash_px, float gap_px,
                      float width_px) {
    const float dx = to.x - from.x, dy = to.y - from.y, length = std::sqrt(dx * dx + dy * dy);
    if (length <= 0 || dash_px + gap_px <= 0) return;
    for (float at = 0; at < length; at += dash_px + gap_px) {
        const float end = std::min(at + dash_px, length);
        list->AddLine({from.x + dx * at / length, from.y + dy * at / length},
                      {from.x + dx * end / length, from.y + dy * end / length}, ink(color), width_px);
    }
}

void draw_color_bar(ImDrawList* list, ImVec2 min, ImVec2 max, std::span<const std::uint8_t> colormap_rgb,
                    float gamma) {
    const std::size_t entries = colormap_rgb.size() / 3;
    if (entries == 0) return;
    const int rows = static_cast<int>(max.y - min.y);
    for (int row = 0; row < rows; ++row) {
        const float value = 1 - (static_cast<float>(row) + 0.5f) / static_cast<float>(rows);
        const auto entry =
            static_cast<std::size_t>(std::pow(value, gamma) * static_cast<float>(entries - 1) + 0.5f) * 3;
        const float y = min.y + static_cast<float>(row);
        list->AddRectFilled(
            {min.x, y}, {max.x, y + 1},
            ink({colormap_rgb[entry], colormap_rgb[entry + 1], colormap_rgb[entry + 2], 255}));
    }
}

void draw_fill(ImDrawList* list, ImVec2 min, ImVec2 max, Rgba color, float radius) {
    list->AddRectFilled(snapped(min), snapped(max), ink(color), radius);
}

void draw_frame(ImDrawList* list, ImVec2 min, ImVec2 max, Rgba color, float radius, float width_px) {
    // ImGui centres the line half a pixel inwards for width 1; wider lines are moved in so that they stay
    // inside.
    const float inset = 0.5f * (width_px - 1);
    const ImVec2 a = snapped(min), b = snapped(max);
    list->AddRect({a.x + inset, a.y + inset}, {b.x - inset, b.y - inset}, ink(color), radius, 0, width_px);
}

void draw_hline(ImDrawList* list, float x0, float x1, float y, Rgba color) {
    const float row = std::round(y);
    list->AddRectFilled({std::round(x0), row}, {std::round(x1), row + 1}, ink(color));
}

void draw_vline(ImDrawList* list, float x, float y0, float y1, Rgba color) {
    const float column = std::round(x);
    list->AddRectFilled({column, std::round(y0)}, {column + 1, std::round(y1)}, ink(color));
}

void draw_dot(ImDrawList* list, ImVec2 center, float radius, Rgba color, bool is_ring) {
    if (is_ring) {
        list->AddCircle(center, radius - 0.5f, ink(color), 0, 1.2f);
    } else {
        list->AddCircleFilled(center, radius, ink(color));
    }
}

void draw_texture(ImDrawList* list, unsigned texture, ImVec2 min, ImVec2 max, float opacity) {
    if (texture == 0) return;
    list->AddImage(reinterpret_cast<ImTextureID>(static_cast<std::uintptr_t>(texture)), min, max, {0, 0},
                   {1, 1}, ink(gfx::rgb(0xFFFFFF, static_cast<std::uint8_t>(opacity * 255 + 0.5f))));
}

}  // namespace headlight::ui
