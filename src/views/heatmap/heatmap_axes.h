// Token labels on both axes of the heatmap, thinned by the zoom, and the geometry that they leave for the
// cells.
#pragma once

#include <optional>

#include "gfx/heatmap_renderer.h"
#include "views/layout.h"
#include "views/view.h"

namespace headlight {

/// Cells on screen.
struct HeatmapPlot {
    LayoutRect cells;       // where the picture lies
    gfx::CellRect visible;  // what it shows
    float cell_width() const { return cells.width / static_cast<float>(visible.cols); }
    float cell_height() const { return cells.height / static_cast<float>(visible.rows); }
    float x_of(double col) const { return cells.x + static_cast<float>(col - visible.col) * cell_width(); }
    float y_of(double row) const { return cells.y + static_cast<float>(row - visible.row) * cell_height(); }
    bool contains(float x, float y) const {
        return x >= cells.x && y >= cells.y && x < cells.right() && y < cells.bottom();
    }
};

/// What is kept so that labels do not jump while the user pans.
struct AxisRoom {
    std::uint64_t text_id = 0;
    float left = 0, top = 0;  // widest label so far, pixels
};

/// The cells' rectangle in the card's body: labels at the left and on top, the colour bar at the right. Few
/// tokens do not fill the body: cells have a largest size.
/// `beside_dp`: room between cells and colour bar.
HeatmapPlot place_plot(const LayoutRect& body, const gfx::CellRect& visible, const AxisRoom& room,
                       float scale, float beside_dp = 0);

struct AxisHighlight {
    int query = -1, key = -1;  // chosen
    int hovered_query = -1, hovered_key = -1;
};

/// Draws the labels and measures them into `room`. True when a label needs more room than there was: draw
/// once more.
bool draw_axes(const ViewContext& context, const HeatmapPlot& plot, const AxisHighlight& highlight,
               AxisRoom& room);

/// Which indices get a label: every step-th one of 1, 2, 5, 10 ... so that labels lie at least `pitch_px`
/// apart.
int axis_step(float cell_px, float pitch_px);

}  // namespace headlight
