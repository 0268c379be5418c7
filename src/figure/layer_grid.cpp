// All heads of a layer: panels in four columns, token labels at the left and under the lowest panel of each
// column.
#include <algorithm>
#include <cmath>

#include "figure/axis_labels.h"
#include "figure/heat_cells.h"
#include "figure/text_layout.h"
#include "figure/title.h"

namespace headlight {
namespace {

constexpr int kColumns = 4;
constexpr int kMostGridCells = 480;
constexpr double kPanelGapPx = 22;
constexpr double kPanelTitlePx = 20;

double grid_cell_side(int cells) {
    return std::clamp(std::round(320.0 / cells), 1.0, 32.0);
}

struct GridGeometry {
    int row_slots = 0, col_slots = 0;
    int num_panels = 0;
    int columns = 0;
    double panel_width = 0, panel_height = 0;
    double left = 0, top = 0, width = 0, height = 0;
    AxisLabels row_labels, column_labels;

    Box panel(int index) const {
        const int row = index / kColumns, column = index % kColumns;
        return {left + column * (panel_width + kPanelGapPx),
                top + kPanelTitlePx + row * (panel_height + kPanelGapPx + kPanelTitlePx), panel_width,
                panel_height};
    }
    bool is_lowest(int index) const { return index + kColumns >= num_panels; }
    Box bar() const {
        const Box last = panel(columns - 1);
        return {last.right() + 18, last.y, kColourBarPx, std::min(std::max(panel_height, 100.0), 320.0)};
    }
};

GridGeometry lay_out_grid(const FigureAxes& axes, const HeatCells& cells, int num_panels) {
    GridGeometry g;
    g.num_panels = num_panels;
    g.columns = std::min(num_panels, kColumns);
    g.row_slots = cells.row_slots();
    g.col_slots = cells.col_slots();
    const double cell = grid_cell_side(std::max(cells.rows, cells.cols));
    g.panel_width = cell * cells.cols;
    g.panel_height = cell * cells.rows;
    g.row_labels = make_axis_labels(axes.queries, cell / cells.tokens_per_cell, 8.5, 80);
    g.column_labels = make_axis_labels(axes.keys, cell / cells.tokens_per_cell, 8.5, 80);
    g.left = std::ceil(kMarginPx + kAxisNamePx + g.row_labels.row_width);
    g.top = kTitleRoomPx;
    const Box lowest = g.panel(num_panels - 1);
    const double under = std::ceil(g.column_labels.column_height + kAxisNamePx);
    g.width = std::max(kLeastFigurePx, std::ceil(g.bar().right() + kColourBarRoomPx));
    g.height = std::ceil(std::max(lowest.bottom(), g.bar().bottom()) + under + kMarginPx);
    return g;
}

void draw_grid_surroundings(Canvas& canvas, const GridGeometry& g, const FigureStyle& style) {
    for (int i = 0; i < g.num_panels; ++i) {
        const Box box = g.panel(i);
        canvas.text({box.x, box.y - 6}, fmt::format("Head {}", i), {.size_px = kTextPx, .is_bold = true});
        if (i % kColumns == 0) draw_row_labels(canvas, g.row_labels, box, g.row_slots);
        if (g.is_lowest(i)) draw_column_labels_below(canvas, g.column_labels, box, g.col_slots);
    }
    draw_colour_bar(canvas, g.bar(), style.gamma);
    const TextStyle name{.size_px = kTextPx, .colour = kDim, .anchor = Anchor::Middle};
    TextStyle turned = name;
    turned.angle_deg = 90;
    const Box first = g.panel(0), last = g.panel(g.num_panels - 1);
    canvas.text({kMarginPx + 8, (first.y + last.bottom()) / 2}, "query (from)", turned);
    const Box right = g.panel(g.columns - 1);
    canvas.text({(first.x + right.right()) / 2, g.height - kMarginPx + 4}, "key (to)", name);
}

}  // namespace

Status draw_layer_grid(const std::string& path, std::span<const std::vector<float>> heads,
                       const FigureAxes& axes, int layer, const FigureCaption& caption,
                       const FigureStyle& style) {
    const int num_queries = static_cast<int>(axes.queries.size()),
              num_keys = static_cast<int>(axes.keys.size());
    const auto expected = static_cast<std::size_t>(num_queries) * static_cast<std::size_t>(num_keys);
    const bool is_sound =
        expected > 0 && !heads.empty() &&
        std::all_of(heads.begin(), heads.end(), [&](const auto& head) { return head.size() == expected; });
    if (!is_sound) {
        return fail(ErrorKind::InvalidInput,
                    "cannot draw layer {}: {} heads, {} queries, {} keys; each head must hold "
                    "queries × keys weights",
                    layer, heads.size(), num_queries, num_keys);
    }
    const CellMask mask{axes.is_causal, axes.window};
    HeatCells cells = reduce_weights(heads[0], num_queries, num_keys, mask, kMostGridCells);
    const GridGeometry g = lay_out_grid(axes, cells, static_cast<int>(heads.size()));
    const std::string what = fmt::format("Layer {} · {} heads", layer, heads.size());
    const auto canvas = make_canvas(g.width, g.height, style, title_text(caption, what));
    draw_grid_surroundings(*canvas, g, style);
    for (int i = 0; i < g.num_panels; ++i) {
        if (i > 0)
            cells = reduce_weights(heads[static_cast<std::size_t>(i)], num_queries, num_keys, mask,
                                   kMostGridCells);
        draw_cells(*canvas, cells, g.panel(i), style.gamma, style.shows_numbers);
        draw_window_band(*canvas, cells, g.panel(i), mask);
    }
    draw_title(
        *canvas, g.width, caption, what,
        {caption.note, size_statement(axes), caption.dtype, label_statement(g.row_labels, g.column_labels),
         window_statement(cells, mask), reduction_statement(cells)});
    return write_canvas(*canvas, path);
}

}  // namespace headlight
