// What surrounds the thumbnails: labels, brackets of shared key heads, scroll bars, the legend of patterns.
#pragma once

#include "ui/theme.h"
#include "views/grid/grid_geometry.h"
#include "views/grid/grid_model.h"
#include "views/view.h"

namespace headlight {

/// The parts of the card's body.
struct GridFrame {
    LayoutRect cells, legend;
    float label_width = 0, label_height = 0;
};

/// Leaves room for labels and for the legend in its short form.
GridFrame grid_frame(const LayoutRect& body, const GridModel& model, float scale);

/// Also, in an ordered grid, whose each thumbnail is.
void draw_grid_labels(const ViewContext& context, const GridModel& model, const GridGeometry& geometry,
                      const GridFrame& frame);
void draw_grid_scrollbars(const GridGeometry& geometry);
/// A small cross over heads whose attention is replaced: the grid says which ones at any time.
void mark_replaced_heads(const ViewContext& context, const GridModel& model, const GridGeometry& geometry);
/// What lies over a thumbnail whose tint is 0 .. 1: stronger green, or blue below and rose above the middle.
ui::Rgba tint_color(const GridModel& model, float tint);
/// A line and a sentence over the rows of layers that have no softmax attention.
void mark_absent_layers(const ViewContext& context, const GridModel& model, const GridGeometry& geometry);

/// The strip of layer labels, for right clicks; the row under the pointer, -1 if there is none.
int layer_label_at(const GridModel& model, const GridGeometry& geometry, float y);
/// A thin frame around the thumbnail under the pointer.
void outline_cell(const GridGeometry& geometry, int row, int col);

}  // namespace headlight
