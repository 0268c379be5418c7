// The legend of patterns under the thumbnails: hovering one lights its heads up, a click keeps it so.
#pragma once

#include <string>

#include "views/grid/grid_geometry.h"
#include "views/grid/grid_model.h"
#include "views/view.h"

namespace headlight {

/// The pattern that the legend stands for: its other heads are dimmed.
struct LegendFocus {
    std::string chosen;   // detector id, by a click; "": none
    std::string hovered;  // of the last frame
    const std::string& shown() const { return hovered.empty() ? chosen : hovered; }
};

/// Patterns found on this text; with room to spare each with its heads, to be clicked.
void draw_grid_legend(ViewContext& context, const GridModel& model, const LayoutRect& legend,
                      const GridGeometry& geometry, LegendFocus& focus);
/// Of a thumbnail: 1 where its head follows the pattern that the legend stands for, or it stands for none.
float focus_opacity(const GridCell& cell, const LegendFocus& focus);
/// The letters of each head's patterns in its corner. Small thumbnails show one only, of the pattern that the
/// legend stands for.
void mark_tags(const GridModel& model, const GridGeometry& geometry, const LegendFocus& focus);
/// Lines that the legend takes in its short form.
int legend_lines(const GridModel& model, float width);
/// Height of a line, and the gap above the legend, at scale 1.
inline constexpr float kLegendRowDp = 20, kLegendGapDp = 10;
}  // namespace headlight
