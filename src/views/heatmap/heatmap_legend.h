// The heatmap's colour bar: end labels, range by wheel or drag, gamma and numbers in a small menu.
#pragma once

#include "views/heatmap/heat_source.h"
#include "views/heatmap/heatmap_axes.h"
#include "views/view.h"

namespace headlight {

/// Draws the bar at the right of the cells, `plot` ending where the rows' sums do. `hi` is the weight that
/// gets the last colour; the wheel over the bar and the menu change it. `below`: room under it that others
/// take, pixels.
void draw_color_bar_legend(ViewContext& context, const HeatmapPlot& plot, const LayoutRect& body, float& hi,
                           const HeatSource& source, float below);

}  // namespace headlight
