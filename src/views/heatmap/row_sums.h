// Beside the rows of the heatmap: what a row's cells sum to (effects), or what was taken out of it (no sink).
#pragma once

#include <string>
#include <vector>

#include "views/heatmap/heat_source.h"
#include "views/heatmap/heatmap_axes.h"

namespace headlight {

/// Width that the column wants, at scale 1; 0: these weights have none.
float row_sums_width(const HeatSource& source);
/// Between the cells and the colour bar. `chosen` is drawn in the accent.
void draw_row_sums(ViewContext& context, const HeatSource& source, const HeatmapPlot& plot, int chosen);

/// Parallel lines over a rectangle; they meet those of the rectangle beside it.
void draw_hatch(ImDrawList* list, ImVec2 min, ImVec2 max, ui::Rgba color);

/// Marks rows that rest and keys that are taken out: they have no values.
void draw_rest_hatch(const HeatSource& source, const HeatmapPlot& plot);

}  // namespace headlight
