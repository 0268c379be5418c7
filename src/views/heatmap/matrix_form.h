// The chosen head as a matrix, or the mean of the chosen heads: query by key.
#pragma once

#include <optional>
#include <vector>

#include "views/heatmap/heat_source.h"
#include "views/heatmap/heatmap_axes.h"
#include "views/heatmap/heatmap_camera.h"
#include "views/heatmap/heatmap_cells.h"
#include "views/heatmap/mini_map.h"
#include "views/panels/ablation_menu.h"
#include "views/view.h"

namespace headlight {

struct MatrixForm {
    HeatSource source;
    HeatmapCamera camera;
    AxisRoom room;
    MiniMap mini_map;
    std::optional<gfx::HeatmapRenderer> renderer;
    float hi = 1;
    int fit_requests = 0;
    ImVec2 press{0, 0};
    bool is_panning = false, is_pressed = false;
    HeatmapCell hovered;                   // of the last frame: crosshair
    Selection last_selection, pressed_at;  // pressed_at: what was chosen before the last click
    std::optional<AblationTarget> menu;    // what was right-clicked
};

/// The picture of `form.source` through the shader; the overview is stretched over the same cells.
void draw_matrix_picture(ViewContext& context, MatrixForm& form, const HeatmapPlot& plot);
/// What the picture is where it is not every cell by itself: pooled, an overview, a failure.
void draw_matrix_badges(const MatrixForm& form, const HeatmapPlot& plot, const AttentionTrace& trace,
                        const std::vector<HeadId>& heads);

/// Fills `body`.
void draw_matrix_form(ViewContext& context, MatrixForm& form, const std::vector<HeadId>& heads,
                      const LayoutRect& body);

}  // namespace headlight
