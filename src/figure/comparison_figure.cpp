// Two matrices of attention and their difference, each with its own labels.
#include <algorithm>
#include <array>
#include <cmath>

#include "figure/axis_labels.h"
#include "figure/heat_cells.h"
#include "figure/text_layout.h"
#include "figure/title.h"

namespace headlight {
namespace {

constexpr int kMostComparedCells = 512;
constexpr double kComparedGapPx = 28, kComparedNamePx = 18, kLeastComparedNumberPx = 6;

struct ComparedPanel {
    AxisLabels rows, columns;
    HeatCells cells;
    Box box;
    std::string name;
};

ComparedPanel make_panel(const ComparedMatrix& matrix, std::string name) {
    ComparedPanel panel;
    panel.name = std::move(name);
    panel.cells = reduce_weights(matrix.weights, static_cast<int>(matrix.axes.queries.size()),
                                 static_cast<int>(matrix.axes.keys.size()),
                                 {matrix.axes.is_causal, matrix.axes.window}, kMostComparedCells);
    const int longest = std::max(panel.cells.rows, panel.cells.cols);
    const double cell = longest <= 64 ? std::clamp(std::floor(360.0 / longest), 7.0, 26.0)
                                      : std::max(1.0, std::round(480.0 / longest));
    const double per_token = cell / panel.cells.tokens_per_cell;
    panel.rows = make_axis_labels(matrix.axes.queries, per_token, 9.5, 90);
    panel.columns = make_axis_labels(matrix.axes.keys, per_token, 9.5, 90);
    panel.box = {0, 0, cell * panel.cells.cols, cell * panel.cells.rows};
    return panel;
}

void place_panels(std::span<ComparedPanel> panels) {
    double height = 0, x = kMarginPx + kAxisNamePx;
    for (const ComparedPanel& panel : panels)
        height = std::max(height, panel.columns.column_height);
    for (ComparedPanel& panel : panels) {
        panel.box.x = std::ceil(x + panel.rows.row_width);
        panel.box.y = std::ceil(kTitleRoomPx + kComparedNamePx + height);
        x = std::max(panel.box.right() + kComparedGapPx, panel.box.right() + panel.columns.column_reach);
    }
}

void draw_panel_frame(Canvas& canvas, const ComparedPanel& panel) {
    draw_row_labels(canvas, panel.rows, panel.box, panel.cells.row_slots());
    draw_column_labels_above(canvas, panel.columns, panel.box, panel.cells.col_slots());
    canvas.text({panel.box.x, kTitleRoomPx + 10}, panel.name, {.size_px = kTextPx, .is_bold = true});
}

/// What a difference looks like: reduced like weights, by the largest change.
struct SignedCells {
    std::vector<float> values;       // [rows, cols], 0 where nothing is allowed
    std::vector<bool> is_unaligned;  // no entry of the cell has a counterpart
    float largest = 0;
};

SignedCells reduce_changes(std::span<const float> difference, const HeatCells& cells) {
    SignedCells out;
    out.values.assign(cells.values.size(), 0.0f);
    out.is_unaligned.assign(cells.values.size(), true);
    for (int query = 0; query < cells.num_queries; ++query) {
        for (int key = 0; key < cells.num_keys; ++key) {
            const float value =
                difference[static_cast<std::size_t>(query) * static_cast<std::size_t>(cells.num_keys) +
                           static_cast<std::size_t>(key)];
            const auto at = static_cast<std::size_t>(query / cells.tokens_per_cell) *
                                static_cast<std::size_t>(cells.cols) +
                            static_cast<std::size_t>(key / cells.tokens_per_cell);
            if (std::isnan(value)) continue;
            out.is_unaligned[at] = false;
            if (std::abs(value) > std::abs(out.values[at])) out.values[at] = value;
            out.largest = std::max(out.largest, std::abs(value));
        }
    }
    return out;
}

void draw_changes(Canvas& canvas, const ComparedPanel& panel, const SignedCells& changes,
                  const FigureStyle& style) {
    const HeatCells& cells = panel.cells;
    std::vector<Rgb8> colours;
    const double scale = std::max(1e-9f, changes.largest);
    for (std::size_t i = 0; i < changes.values.size(); ++i)
        colours.push_back(cells.values[i] < 0 ? kMasked
                                              : signed_colour(false, changes.values[i] / scale, style.gamma));
    const double side = panel.box.width / cells.cols, gap = side >= 7 ? 1 : 0;
    canvas.cells({panel.box, cells.rows, cells.cols, colours, gap});
    const double size = std::min(10.0, side * 0.4);
    for (std::size_t i = 0; i < changes.values.size(); ++i) {
        if (cells.values[i] < 0) continue;
        const Box cell{panel.box.x + static_cast<double>(i % static_cast<std::size_t>(cells.cols)) * side,
                       panel.box.y + static_cast<double>(i / static_cast<std::size_t>(cells.cols)) * side,
                       side - gap, side - gap};
        if (changes.is_unaligned[i] && side >= 3) hatch_cell(canvas, cell, {.width = 0.7, .colour = kDim});
        const bool has_number = style.shows_numbers && cells.tokens_per_cell == 1 &&
                                size >= kLeastComparedNumberPx && std::abs(changes.values[i]) >= 0.1f;
        if (!has_number) continue;
        const bool is_strong = std::abs(changes.values[i]) > 0.5 * scale;
        canvas.text(
            {cell.x + cell.width / 2, cell.y + cell.height / 2},
            fmt::format("{}{:.0f}", changes.values[i] < 0 ? "−" : "+", 100 * std::abs(changes.values[i])),
            {.size_px = size,
             .colour = is_strong ? kPaper : kInk,
             .anchor = Anchor::Middle,
             .is_centred = true});
    }
    canvas.frame(
        {panel.box.x - 0.5, panel.box.y - 0.5, panel.box.width + 1 - gap, panel.box.height + 1 - gap},
        {.width = 1, .colour = kLine});
}

/// The scale of the changes under their panel, both ends written.
void draw_change_scale(Canvas& canvas, const Box& bar, double largest, double gamma) {
    constexpr int kSteps = 128;
    std::vector<Rgb8> colours;
    for (int i = 0; i < kSteps; ++i)
        colours.push_back(signed_colour(false, 2 * (i + 0.5) / kSteps - 1, gamma));
    canvas.cells({bar, 1, kSteps, colours, 0});
    canvas.frame({bar.x - 0.5, bar.y - 0.5, bar.width + 1, bar.height + 1}, {.width = 1, .colour = kLine});
    const double y = bar.bottom() + 14;
    const TextStyle style{.size_px = kLabelPx};
    canvas.text({bar.x, y}, fmt::format("−{:.2f}", largest), style);
    canvas.text({bar.x + bar.width / 2, y}, "0", {.size_px = kLabelPx, .anchor = Anchor::Middle});
    canvas.text({bar.right(), y}, fmt::format("{:+.2f}", largest),
                {.size_px = kLabelPx, .anchor = Anchor::End});
}

bool is_complete(const ComparedMatrix& matrix) {
    return !matrix.weights.empty() &&
           matrix.weights.size() == matrix.axes.queries.size() * matrix.axes.keys.size();
}

}  // namespace

Status draw_comparison(const std::string& path, const ComparedMatrix& a, const ComparedMatrix& b,
                       std::span<const float> difference, const std::string& what,
                       const FigureCaption& caption, const FigureStyle& style) {
    if (!is_complete(a) || !is_complete(b) || difference.size() != a.weights.size()) {
        return fail(ErrorKind::InvalidInput,
                    "cannot draw {}: {} and {} weights and {} differences do not fit the tokens", what,
                    a.weights.size(), b.weights.size(), difference.size());
    }
    std::array panels = {make_panel(a, a.name), make_panel(b, b.name),
                         make_panel(a, fmt::format("{} − {}", a.name, b.name))};
    place_panels(panels);
    const SignedCells changes = reduce_changes(difference, panels[2].cells);
    const double bottom = std::max(panels[0].box.bottom(), panels[1].box.bottom());
    const double width = std::max(
        kLeastFigurePx, panels[2].box.right() + kMarginPx + std::max(panels[2].columns.column_reach, 8.0));
    const auto canvas =
        make_canvas(std::ceil(width), std::ceil(bottom + 44 + kMarginPx), style, title_text(caption, what));
    for (const ComparedPanel& panel : panels)
        draw_panel_frame(*canvas, panel);
    for (std::size_t i = 0; i < 2; ++i)
        draw_cells(*canvas, panels[i].cells, panels[i].box, style.gamma, style.shows_numbers);
    draw_changes(*canvas, panels[2], changes, style);
    draw_change_scale(*canvas, {panels[2].box.x, bottom + 14, panels[2].box.width, 10}, changes.largest,
                      style.gamma);
    canvas->text({panels[0].box.x, bottom + 24}, "query (from) down, key (to) across; cells in %",
                 {.size_px = kLabelPx, .colour = kDim});
    const bool is_hatched =
        std::any_of(difference.begin(), difference.end(), [](float value) { return std::isnan(value); });
    draw_title(*canvas, width, caption, what,
               {caption.note, is_hatched ? "hatched: not aligned" : "", caption.dtype,
                style.gamma != 1 ? fmt::format("colour = |value|^{:g}", style.gamma) : "",
                reduction_statement(panels[0].cells)});
    return write_canvas(*canvas, path);
}

}  // namespace headlight
