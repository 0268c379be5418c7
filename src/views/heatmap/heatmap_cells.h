// What is drawn over the heatmap's picture: crosshair, chosen row and cell, numbers, badge; and the sentence
// of a cell.
#pragma once

#include <string>

#include "ui/controls.h"
#include "views/heatmap/heat_source.h"
#include "views/heatmap/heatmap_axes.h"
#include "views/heatmap/heatmap_camera.h"

namespace headlight {

struct HeatmapCell {
    int query = -1, key = -1;
    bool operator==(const HeatmapCell&) const = default;
};

/// The picture as an area that reacts; the wheel zooms at the pointer.
ui::ItemResponse zoomable_area(const char* id, const HeatmapPlot& plot, HeatmapCamera& camera);
/// The cell under the pointer; outside the picture: none.
HeatmapCell cell_under_pointer(const HeatmapPlot& plot, const HeatmapCamera& camera);

void draw_crosshair(const HeatmapPlot& plot, HeatmapCell hovered);
/// The chosen query's row framed; the chosen key's cell too.
void draw_chosen(const HeatmapPlot& plot, HeatmapCell chosen);
/// The ring of a lesson around a cell that is in sight.
void draw_pointed_cell(const HeatmapPlot& plot, HeatmapCell cell);
/// Percentages in cells that are large enough: from 10 % up, from 1 % up in wide cells.
void draw_cell_numbers(const ViewContext& context, const HeatSource& source, const HeatmapPlot& plot,
                       const HeatLook& look);
void draw_badge(const HeatmapPlot& plot, const std::string& text);
/// Tooltip and status sentence of the hovered cell.
void say_cell(ViewContext& context, const HeatSource& source, const std::vector<HeadId>& heads,
              HeatmapCell cell);

}  // namespace headlight
