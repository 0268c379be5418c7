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
constexpr int kMostCells = 480;
constexpr double kPanelGapPx = 22;
constexpr double kPanelTitlePx = 20;
constexpr double kAxisNamePx = 18;

double cell_side(int cells) {
    return std::clamp(std::round(320.0 / cells), 1.0, 32.0);
}

struct Geometry {
    int num_slots = 0;
    int num_panels = 0;
    int columns = 0;
    double side = 0;
    double left = 0, top = 0, width = 0, height = 0;
    AxisLabels labels;

    Box panel(int index) const {
        const int row = index / kColumns, column = index % kColumns;
        return {left + column * (side + kPanelGapPx),
                top + kPanelTitlePx + row * (side + kPanelGapPx + kPanelTitlePx), side, side};
    }
    bool is_lowest(int index) const { return index + kColumns >= num_panels; }
    Box bar() const {
        const Box last = panel(columns - 1);
        return {last.right() + 18, last.y, kColourBarPx, std::min(side, 320.0)};
    }
};

Geometry lay_out(std::span<const Token> tokens, const HeatCells& cells, int num_panels) {
    Geometry g;
    g.num_panels = num_panels;
    g.columns = std::min(num_panels, kColumns);
    g.num_slots = cells.side * cells.tokens_per_cell;
    g.side = cell_side(cells.side) * cells.side;
    g.labels = make_axis_labels(tokens, g.side / g.num_slots, 8.5, 80);
    g.left = std::ceil(kMarginPx + kAxisNamePx + g.labels.row_width);
    g.top = kTitleRoomPx;
    const Box lowest = g.panel(num_panels - 1);
    const double under = std::ceil(g.labels.column_height + kAxisNamePx);
    g.width = std::max(kLeastFigurePx, std::ceil(g.bar().right() + kColourBarRoomPx));
    g.height = std::ceil(lowest.bottom() + under + kMarginPx);
    return g;
}

void draw_surroundings(Canvas& canvas, const Geometry& g, const FigureStyle& style) {
    for (int i = 0; i < g.num_panels; ++i) {
        const Box box = g.panel(i);
        canvas.text({box.x, box.y - 6}, fmt::format("Head {}", i), {.size_px = kTextPx, .is_bold = true});
        if (i % kColumns == 0) draw_row_labels(canvas, g.labels, box, g.num_slots);
        if (g.is_lowest(i)) draw_column_labels_below(canvas, g.labels, box, g.num_slots);
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
                       std::span<const Token> tokens, int layer, const FigureCaption& caption,
                       const FigureStyle& style, bool is_causal, int window) {
    const int n = static_cast<int>(tokens.size());
    const auto expected = static_cast<std::size_t>(n) * static_cast<std::size_t>(n);
    const bool is_sound =
        n > 0 && !heads.empty() &&
        std::all_of(heads.begin(), heads.end(), [&](const auto& head) { return head.size() == expected; });
    if (!is_sound) {
        return fail(ErrorKind::InvalidInput,
                    "cannot draw layer {}: {} heads, {} tokens; each head must hold "
                    "tokens × tokens weights",
                    layer, heads.size(), n);
    }
    const CellMask mask{is_causal, window};
    HeatCells cells = reduce_weights(heads[0], n, mask, kMostCells);
    const Geometry g = lay_out(tokens, cells, static_cast<int>(heads.size()));
    const std::string what = fmt::format("Layer {} · {} heads", layer, heads.size());
    const auto canvas = make_canvas(g.width, g.height, style, title_text(caption, what));
    draw_surroundings(*canvas, g, style);
    for (int i = 0; i < g.num_panels; ++i) {
        if (i > 0) cells = reduce_weights(heads[static_cast<std::size_t>(i)], n, mask, kMostCells);
        draw_cells(*canvas, cells, g.panel(i), style.gamma, style.shows_numbers);
    }
    draw_title(*canvas, g.width, caption, what,
               {caption.note, fmt::format("{} tokens", n), caption.dtype, g.labels.plan.statement,
                reduction_statement(cells)});
    return write_canvas(*canvas, path);
}

}  // namespace headlight
