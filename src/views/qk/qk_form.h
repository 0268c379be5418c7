// The chosen query and head as queries times keys: products per dimension, their sum, scale, bias, cap,
// softmax.
#pragma once

#include <optional>

#include "gfx/heatmap_renderer.h"
#include "views/layout.h"
#include "views/lines/lines_plot.h"
#include "views/qk/qk_table.h"
#include "views/view.h"

namespace headlight {

struct QkForm {
    QkTable table;
    std::optional<gfx::HeatmapRenderer> renderer, query_renderer;
    gfx::HeatmapMatrix query_matrix;
    LabelRoom room;
    double first = 0;                           // row at the upper edge
    int hovered_row = -1, hovered_column = -1;  // in the order that is shown
    Selection last_selection;
};

/// Fills `body`: the empty, waiting and refused states too.
void draw_qk_form(ViewContext& context, QkForm& form, const LayoutRect& body);

/// In the card's head: what the cells hold, and how the keys are sorted.
void draw_qk_controls(ViewContext& context);

}  // namespace headlight
