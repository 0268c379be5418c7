// What surrounds the thumbnails: labels, brackets of shared key heads, scroll bars, the legend of patterns.
#pragma once

#include "views/grid_geometry.h"
#include "views/grid_model.h"
#include "views/view.h"

namespace headlight {

/// The parts of the card's body.
struct GridFrame {
    LayoutRect cells, legend;
    float label_width = 0, label_height = 0;
};

/// Leaves room for labels and for the legend in its short form.
GridFrame grid_frame(const LayoutRect& body, const GridModel& model, float scale);

void draw_grid_labels(const ViewContext& context, const GridModel& model, const GridGeometry& geometry,
                      const GridFrame& frame);
void draw_grid_scrollbars(const GridGeometry& geometry);
/// Patterns found on this text; with room to spare each with its heads, to be clicked.
void draw_grid_legend(ViewContext& context, const GridModel& model, const LayoutRect& legend,
                      const GridGeometry& geometry);
/// A thin frame around the thumbnail under the pointer.
void outline_cell(const GridGeometry& geometry, int row, int col);

}  // namespace headlight
