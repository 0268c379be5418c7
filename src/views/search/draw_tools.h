// The tools of the drawing: from a drag over cells to a stroke.
#pragma once

#include <string>
#include <vector>

#include "analysis/search/drawing.h"
#include "views/heatmap/heatmap_cells.h"
#include "views/view.h"

namespace headlight {

enum class DrawTool { Box, Stripe, Part, Column, Row, Brush };

/// The chosen tool, and a drag that is under way.
struct DrawTools {
    DrawTool tool = DrawTool::Stripe;
    bool erases = false;
    int brush_width = 1;
    bool is_dragging = false, has_stroke = false;  // has_stroke: the drag's stroke is in the session
    HeatmapCell from, to;
    std::vector<std::pair<int, int>> points;  // of a brush

    /// The stroke of the drag. Stripes and parts of stripes follow the diagonal, the others chosen tokens.
    Stroke stroke() const;
};

/// The row of buttons. True when it needed a second line.
void draw_tool_row(ViewContext& context, DrawTools& tools, bool is_narrow);

/// Press, drag, release over the cells; each change of the stroke is a command, so that results follow.
/// `hovered`: the cell under the pointer, -1 outside.
void drag_stroke(ViewContext& context, DrawTools& tools, HeatmapCell hovered, bool is_hovered);

}  // namespace headlight
