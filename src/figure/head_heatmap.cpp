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

constexpr int kMostCells = 1024;
constexpr double kAxisNamePx = 18;

struct Geometry {
    int num_slots = 0;  // tokens, rounded up to whole cells
    Box matrix, bar;
    double width = 0, height = 0;
    AxisLabels labels;
};

/// Whole units, so that all cells are equally many pixels wide.
double cell_side(int cells) {
    if (cells <= 64) return std::clamp(std::floor(672.0 / cells), 10.0, 40.0);
    return std::max(1.0, std::round(900.0 / cells));
}

Geometry lay_out(std::span<const Token> tokens, const HeatCells& cells) {
    Geometry g;
    g.num_slots = cells.side * cells.tokens_per_cell;
    const double side = cell_side(cells.side) * cells.side;
    const double per_token = side / g.num_slots;
    g.labels = make_axis_labels(tokens, per_token, per_token >= 14 ? 10.5 : 9.5, 110);
    const double left = std::ceil(kMarginPx + kAxisNamePx + g.labels.row_width);
    const double top = std::ceil(kTitleRoomPx + kAxisNamePx + g.labels.column_height);
    g.matrix = {left, top, side, side};
    g.bar = {g.matrix.right() + 18, top, kColourBarPx, std::min(side, 420.0)};
    const double right = std::max(g.bar.x + kColourBarPx + kColourBarRoomPx,
                                  g.matrix.right() + g.labels.column_reach + kMarginPx);
    g.width = std::max(kLeastFigurePx, std::ceil(right));
    g.height = std::ceil(g.matrix.bottom() + kMarginPx + 4);
    return g;
}

void draw_surroundings(Canvas& canvas, const Geometry& g, const FigureStyle& style) {
    draw_row_labels(canvas, g.labels, g.matrix, g.num_slots);
    draw_column_labels_above(canvas, g.labels, g.matrix, g.num_slots);
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
    Geometry geometry;
    RasterImage picture;
};

std::string backdrop_key(std::span<const Token> tokens, const FigureStyle& style) {
    std::string key = fmt::format("{}/{}", style.scale, style.gamma);
    for (const Token& token : tokens)
        key.append(1, '\0').append(token.display);
    return key;
}

std::unique_ptr<Canvas> canvas_with_surroundings(std::span<const Token> tokens, const HeatCells& cells,
                                                 const FigureStyle& style, std::string_view title,
                                                 Geometry& geometry) {
    if (style.format != FigureFormat::Png) {
        geometry = lay_out(tokens, cells);
        auto canvas = make_canvas(geometry.width, geometry.height, style, title);
        draw_surroundings(*canvas, geometry, style);
        return canvas;
    }
    thread_local Backdrop backdrop;
    const std::string key = backdrop_key(tokens, style);
    if (backdrop.key != key) {
        backdrop.geometry = lay_out(tokens, cells);
        auto canvas = make_canvas(backdrop.geometry.width, backdrop.geometry.height, style, title);
        draw_surroundings(*canvas, backdrop.geometry, style);
        backdrop.picture = *canvas->raster();
        backdrop.key = key;
    }
    geometry = backdrop.geometry;
    return make_canvas_on(backdrop.picture, style);
}

}  // namespace

Status draw_head_heatmap(const std::string& path, std::span<const float> weights,
                         std::span<const Token> tokens, HeadId head, const FigureCaption& caption,
                         const FigureStyle& style, bool is_causal, int window) {
    const int n = static_cast<int>(tokens.size());
    if (n == 0 || weights.size() != static_cast<std::size_t>(n) * static_cast<std::size_t>(n)) {
        return fail(ErrorKind::InvalidInput,
                    "cannot draw head {}: {} weights for {} tokens, expected tokens × tokens",
                    head.to_string(), weights.size(), n);
    }
    const HeatCells cells = reduce_weights(weights, n, {is_causal, window}, kMostCells);
    const std::string what = fmt::format("Layer {} · Head {}", head.layer, head.head);
    Geometry geometry;
    const auto canvas = canvas_with_surroundings(tokens, cells, style, title_text(caption, what), geometry);
    draw_cells(*canvas, cells, geometry.matrix, style.gamma, style.shows_numbers);
    draw_title(*canvas, geometry.width, caption, what,
               {caption.note, fmt::format("{} tokens", n), caption.dtype, geometry.labels.plan.statement,
                reduction_statement(cells)});
    return write_canvas(*canvas, path);
}

}  // namespace headlight
