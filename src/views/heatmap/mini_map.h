// A small picture of the whole matrix beside the heatmap, with what is in sight as a frame.
#pragma once

#include <optional>

#include "gfx/heatmap_renderer.h"
#include "views/heatmap/heat_source.h"
#include "views/heatmap/heatmap_axes.h"
#include "views/heatmap/heatmap_camera.h"
#include "views/view.h"

namespace headlight {

struct MiniMap {
    std::optional<gfx::HeatmapRenderer> renderer;
};

/// Room that it takes under the colour bar, pixels; 0: all of a short text is in sight, or the body is too
/// low.
float mini_map_height(const HeatSource& source, const HeatmapCamera& camera, const LayoutRect& body);

/// At the right, at the bottom of the body. A click brings that place into sight, dragging moves along.
/// `plot` ends where the rows' sums do.
void draw_mini_map(ViewContext& context, MiniMap& map, const HeatSource& source, HeatmapCamera& camera,
                   const HeatmapPlot& plot, const LayoutRect& body, const HeatLook& look);

}  // namespace headlight
