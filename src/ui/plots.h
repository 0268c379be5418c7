// Plot pieces on an ImDrawList with anti-aliased edges: ribbons, stacked areas, dashed lines, colour bars.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <span>

#include "ui/theme.h"

namespace headlight::ui {

/// A band that leaves `from` and reaches `to` horizontally (cubic), as thick as given at each end, in pixels.
void draw_ribbon(ImDrawList* list, ImVec2 from, ImVec2 to, float from_thickness, float to_thickness,
                 Rgba color);

/// One area of a stack: its share at each of n positions.
struct AreaSeries {
    std::span<const float> shares;  // [num_points], each in [0, 1]
    Rgba color;
};
/// Areas stacked upwards from the rectangle's foot in the given order; positions are spread over its width.
void draw_stacked_areas(ImDrawList* list, ImVec2 min, ImVec2 max, std::span<const AreaSeries> series);

void draw_dashed_line(ImDrawList* list, ImVec2 from, ImVec2 to, Rgba color, float dash_px, float gap_px,
                      float width_px);

/// A vertical bar of the colour map (3 bytes an entry), its last entry on top.
void draw_color_bar(ImDrawList* list, ImVec2 min, ImVec2 max, std::span<const std::uint8_t> colormap_rgb,
                    float gamma = 1);

/// A filled rounded rectangle / line snapped to whole pixels.
void draw_fill(ImDrawList* list, ImVec2 min, ImVec2 max, Rgba color, float radius = 0);
void draw_frame(ImDrawList* list, ImVec2 min, ImVec2 max, Rgba color, float radius = 0, float width_px = 1);
void draw_hline(ImDrawList* list, float x0, float x1, float y, Rgba color);
void draw_vline(ImDrawList* list, float x, float y0, float y1, Rgba color);
void draw_dot(ImDrawList* list, ImVec2 center, float radius, Rgba color, bool is_ring = false);

/// A texture of gfx (row 0 on top) filling the rectangle.
void draw_texture(ImDrawList* list, unsigned texture, ImVec2 min, ImVec2 max, float opacity = 1);

}  // namespace headlight::ui
