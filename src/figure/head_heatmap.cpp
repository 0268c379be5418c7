// One head as a matrix. Everything but title and cells is the same for all heads of a text, so for PNG it is
// drawn once per thread and copied.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "figure/axis_labels.h"
#include "figure/heat_cells.h"
#include "figure/text_layout.h"
#include "figure/title.h"

namespace headlight {
namespace {

constexpr int kMostHeatmapCells = 1024;

struct HeatmapGeometry {
    int row_slots = 0, col_slots = 0;  // tokens, rounded up to whole cells
    Box matrix, bar;
    double width = 0, height = 0;
    AxisLabels rows, columns;
};

/// Whole units, so that all cells are equally many pixels wide.
double heatmap_cell_side(int cells) {
    if (cells <= 64) return std::clamp(std::floor(672.0 / cells), 10.0, 40.0);
    return std::max(1.0, std::round(900.0 / cells));
}

HeatmapGeometry lay_out_heatmap(const FigureAxes& axes, const HeatCells& cells) {
    HeatmapGeometry g;
    g.row_slots = cells.row_slots();
    g.col_slots = cells.col_slots();
    const double cell = heatmap_cell_side(std::max(cells.rows, cells.cols));
    const double per_token = cell / cells.tokens_per_cell;
    const double size = per_token >= 14 ? 10.5 : 9.5;
    g.rows = make_axis_labels(axes.queries, per_token, size, 110);
    g.columns = make_axis_labels(axes.keys, per_token, size, 110);
    const double left = std::ceil(kMarginPx + kAxisNamePx + g.rows.row_width);
    const double top = std::ceil(kTitleRoomPx + kAxisNamePx + g.columns.column_height);
    g.matrix = {left, top, cell * cells.cols, cell * cells.rows};
    const double bar_height = std::min(std::max(g.matrix.height, std::min(g.matrix.width, 120.0)), 420.0);
    g.bar = {g.matrix.right() + 18, top, kColourBarPx, bar_height};
    const double right = std::max(g.bar.x + kColourBarPx + kColourBarRoomPx,
                                  g.matrix.right() + g.columns.column_reach + kMarginPx);
    g.width = std::max(kLeastFigurePx, std::ceil(right));
    g.height = std::ceil(std::max(g.matrix.bottom(), g.bar.bottom()) + kMarginPx + 4);
    return g;
}

void draw_heatmap_surroundings(Canvas& canvas, const HeatmapGeometry& g, const FigureStyle& style) {
    draw_row_labels(canvas, g.rows, g.matrix, g.row_slots);
    draw_column_labels_above(canvas, g.columns, g.matrix, g.col_slots);
    draw_colour_bar(canvas, g.bar, style.gamma);
    const Point query{kMarginPx + 8, g.matrix.y + g.matrix.height / 2};
    canvas.text(query, "query (from)",
                {.size_px = kTextPx, .colour = kDim, .anchor = Anchor::Middle, .angle_deg = 90});
    const Point key{g.matrix.x + g.matrix.width / 2, kTitleRoomPx + 10};
    canvas.text(key, "key (to)", {.size_px = kTextPx, .colour = kDim, .anchor = Anchor::Middle});
}

/// The last surroundings that this thread drew.
struct Backdrop {
    std::string key;  // everything that they depend on
    HeatmapGeometry geometry;
    RasterImage picture;
};

std::string backdrop_key(const FigureAxes& axes, const FigureStyle& style) {
    std::string key = fmt::format("{}/{}", style.scale, style.gamma);
    for (const Token& token : axes.queries)
        key.append(1, '\0').append(token.display);
    key += '\1';
    for (const Token& token : axes.keys)
        key.append(1, '\0').append(token.display);
    return key;
}

std::unique_ptr<Canvas> canvas_with_surroundings(const FigureAxes& axes, const HeatCells& cells,
                                                 const FigureStyle& style, std::string_view title,
                                                 HeatmapGeometry& geometry) {
    if (style.format != FigureFormat::Png) {
        geometry = lay_out_heatmap(axes, cells);
        auto canvas = make_canvas(geometry.width, geometry.height, style, title);
        draw_heatmap_surroundings(*canvas, geometry, style);
        return canvas;
    }
    thread_local Backdrop backdrop;
    const std::string key = backdrop_key(axes, style);
    if (backdrop.key != key) {
        backdrop.geometry = lay_out_heatmap(axes, cells);
        auto canvas = make_canvas(backdrop.geometry.width, backdrop.geometry.height, style, title);
        draw_heatmap_surroundings(*canvas, backdrop.geometry, style);
        backdrop.picture = *canvas->raster();
        backdrop.key = key;
    }
    geometry = backdrop.geometry;
    return make_canvas_on(backdrop.picture, style);
}

}  // namespace

Status draw_head_heatmap(const std::string& path, std::span<const float> weights, const FigureAxes& axes,
                         HeadId head, const FigureCaption& caption, const FigureStyle& style) {
    const int num_queries = static_cast<int>(axes.queries.size()),
              num_keys = static_cast<int>(axes.keys.size());
    if (num_queries == 0 || num_keys == 0 ||
        weights.size() != static_cast<std::size_t>(num_queries) * static_cast<std::size_t>(num_keys)) {
        return fail(ErrorKind::InvalidInput,
                    "cannot draw head {}: {} weights for {} queries and {} keys, expected queries × keys",
                    head.to_string(), weights.size(), num_queries, num_keys);
    }
    const CellMask mask{axes.is_causal, axes.window};
    const HeatCells cells = reduce_weights(weights, num_queries, num_keys, mask, kMostHeatmapCells);
    const std::string what = fmt::format("Layer {} · Head {}", head.layer, head.head);
    HeatmapGeometry geometry;
    const auto canvas = canvas_with_surroundings(axes, cells, style, title_text(caption, what), geometry);
    draw_cells(*canvas, cells, geometry.matrix, style.gamma, style.shows_numbers);
    draw_window_band(*canvas, cells, geometry.matrix, mask);
    draw_title(
        *canvas, geometry.width, caption, what,
        {caption.note, size_statement(axes), caption.dtype, label_statement(geometry.rows, geometry.columns),
         window_statement(cells, mask), reduction_statement(cells)});
    return write_canvas(*canvas, path);
}

}  // namespace headlight
