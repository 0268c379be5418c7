// Two matrices of attention and their difference, each with its own labels.
#include <algorithm>
#include <array>
#include <cmath>

#include "figure/axis_labels.h"
#include "figure/contents.h"
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
    std::string name, short_name;  // the second where the first has no room
};

ComparedPanel make_panel(const ComparedMatrix& matrix, std::string name, const FigureStyle& style) {
    ComparedPanel panel;
    panel.name = std::move(name);
    panel.cells = reduce_weights(matrix.weights, static_cast<int>(matrix.axes.queries->size()),
                                 static_cast<int>(matrix.axes.keys->size()),
                                 {matrix.axes.is_causal, matrix.axes.window}, kMostComparedCells);
    set_top(panel.cells, style.range);
    return panel;
}

double natural_compared_cell(const ComparedPanel& panel) {
    const int longest = std::max(panel.cells.rows, panel.cells.cols);
    return longest <= 64 ? std::clamp(std::floor(360.0 / longest), 7.0, 26.0)
                         : std::max(1.0, std::round(480.0 / longest));
}

using ComparedPanels = std::array<ComparedPanel, 3>;

void set_cell(ComparedPanel& panel, const FigureAxes& axes, double cell, const FigureStyle& style) {
    const double per_token = cell / panel.cells.tokens_per_cell;
    const double most_text = style.width_mm > 0 ? std::min(90.0, 0.12 * style.room()) : 90;
    panel.rows = make_axis_labels(*axes.queries, per_token, 9.5, most_text, style, axes.first_query);
    panel.columns = make_axis_labels(*axes.keys, per_token, 9.5, most_text, style, axes.first_key);
    panel.box = {0, 0, cell * panel.cells.cols, cell * panel.cells.rows};
}

/// Side by side from `top` on; the right edge of all.
double place_panels(ComparedPanels& panels, double top, const FigureStyle& style) {
    const bool is_print = style.width_mm > 0;
    double height = 0, x = margin_of(style) + (is_print ? 0 : kAxisNamePx);
    for (const ComparedPanel& panel : panels)
        height = std::max(height, panel.columns.column_height);
    for (ComparedPanel& panel : panels) {
        panel.box.x = std::ceil(x + panel.rows.row_width);
        panel.box.y = std::ceil(top + kComparedNamePx + height);
        x = std::max(panel.box.right() + (is_print ? 10 : kComparedGapPx),
                     panel.box.right() + panel.columns.column_reach);
    }
    return panels[2].box.right() + margin_of(style) + std::max(panels[2].columns.column_reach, 8.0);
}

void draw_panel_frame(Canvas& canvas, const ComparedPanel& panel, double top) {
    draw_row_labels(canvas, panel.rows, panel.box, panel.cells.row_slots());
    draw_column_labels_above(canvas, panel.columns, panel.box, panel.cells.col_slots());
    const bool is_long = text_width(panel.name, kTextPx, true) > panel.box.width;
    const std::string& name = is_long && !panel.short_name.empty() ? panel.short_name : panel.name;
    canvas.text({panel.box.x, top + 10}, fit_text(name, kTextPx, panel.box.width, true),
                {.size_px = kTextPx, .is_bold = true});
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
        colours.push_back(cells.values[i] < 0 ? look().masked
                                              : look().change_colour(changes.values[i] / scale, style.gamma));
    const double side = panel.box.width / cells.cols, gap = side >= 7 ? 1 : 0;
    canvas.cells({panel.box, cells.rows, cells.cols, colours, gap});
    const double size = std::min(10.0, side * 0.4);
    for (std::size_t i = 0; i < changes.values.size(); ++i) {
        if (cells.values[i] < 0) continue;
        const Box cell{panel.box.x + static_cast<double>(i % static_cast<std::size_t>(cells.cols)) * side,
                       panel.box.y + static_cast<double>(i / static_cast<std::size_t>(cells.cols)) * side,
                       side - gap, side - gap};
        if (changes.is_unaligned[i] && side >= 3)
            hatch_cell(canvas, cell, {.width = 0.7, .colour = look().dim});
        const bool has_number = style.shows_numbers && cells.tokens_per_cell == 1 &&
                                size >= kLeastComparedNumberPx && std::abs(changes.values[i]) >= 0.1f;
        if (!has_number) continue;
        canvas.text(
            {cell.x + cell.width / 2, cell.y + cell.height / 2},
            fmt::format("{}{:.0f}", changes.values[i] < 0 ? "−" : "+", 100 * std::abs(changes.values[i])),
            {.size_px = size,
             .colour = FigureLook::text_on(colours[i]),
             .anchor = Anchor::Middle,
             .is_centred = true});
    }
    canvas.frame(
        {panel.box.x - 0.5, panel.box.y - 0.5, panel.box.width + 1 - gap, panel.box.height + 1 - gap},
        {.width = 1, .colour = look().line});
}

/// The scale of the changes under their panel, both ends written.
void draw_change_scale(Canvas& canvas, const Box& bar, double largest, double gamma) {
    constexpr int kSteps = 128;
    std::vector<Rgb8> colours;
    for (int i = 0; i < kSteps; ++i)
        colours.push_back(look().change_colour(2 * (i + 0.5) / kSteps - 1, gamma));
    canvas.cells({bar, 1, kSteps, colours, 0});
    canvas.frame({bar.x - 0.5, bar.y - 0.5, bar.width + 1, bar.height + 1},
                 {.width = 1, .colour = look().line});
    const double y = bar.bottom() + 14;
    const TextStyle style{.size_px = kLabelPx};
    canvas.text({bar.x, y}, fmt::format("−{:.2f}", largest), style);
    const double ends = text_width(fmt::format("−{:.2f}", largest), kLabelPx) * 2 + 16;
    if (ends < bar.width)
        canvas.text({bar.x + bar.width / 2, y}, "0", {.size_px = kLabelPx, .anchor = Anchor::Middle});
    canvas.text({bar.right(), y}, fmt::format("{:+.2f}", largest),
                {.size_px = kLabelPx, .anchor = Anchor::End});
}

class ComparisonDrawing final : public Drawing {
  public:
    ComparisonDrawing(std::shared_ptr<const ComparisonContent> content, const FigureStyle& style)
        : content_(std::move(content)), style_(style) {
        const ComparedMatrix &a = content_->a, &b = content_->b;
        panels_ = {make_panel(a, a.name, style), make_panel(b, b.name, style),
                   make_panel(a, fmt::format("{} − {}", a.name, b.name), style)};
        panels_[2].short_name = "difference";
        changes_ = reduce_changes(content_->difference, panels_[2].cells);
        const auto lay_out = [&](double cell_of_print, double top) {
            for (std::size_t i = 0; i < panels_.size(); ++i)
                set_cell(panels_[i], i == 1 ? b.axes : a.axes,
                         style.room() > 0 ? cell_of_print : natural_compared_cell(panels_[i]), style);
            return place_panels(panels_, top, style);
        };
        const double cell = fit_cell(style.room(), 26, [&](double side) { return lay_out(side, 0); });
        width = figure_width(lay_out(cell, 0), style);
        const bool is_hatched = std::any_of(content_->difference.begin(), content_->difference.end(),
                                            [](float value) { return std::isnan(value); });
        title_ = lay_out_title(
            width, content_->caption, content_->what,
            {content_->caption.note, is_hatched ? "hatched: not aligned" : "", content_->caption.dtype,
             style.gamma != 1 ? fmt::format("colour = |value|^{:g}", style.gamma) : "",
             reduction_statement(panels_[0].cells)},
            style);
        lay_out(cell, title_.height);
        bottom_ = std::max(panels_[0].box.bottom(), panels_[1].box.bottom());
        height = std::ceil(bottom_ + (style.shows_colour_bar ? 44 : 28) + margin_of(style));
        title = title_text(content_->caption, content_->what);
    }

    void paint_content(Canvas& canvas) const override {
        for (const ComparedPanel& panel : panels_)
            draw_panel_frame(canvas, panel, title_.height);
        for (std::size_t i = 0; i < 2; ++i)
            draw_cells(canvas, panels_[i].cells, panels_[i].box, style_);
        draw_changes(canvas, panels_[2], changes_, style_);
        if (style_.shows_colour_bar)
            draw_change_scale(canvas, {panels_[2].box.x, bottom_ + 14, panels_[2].box.width, 10},
                              changes_.largest, style_.gamma);
        if (style_.shows_axis_names)
            canvas.text({panels_[0].box.x, bottom_ + 24},
                        fit_text("query (from) down, key (to) across; cells in %", kLabelPx,
                                 panels_[2].box.x - panels_[0].box.x - 8),
                        {.size_px = kLabelPx, .colour = look().dim});
        draw_title(canvas, title_);
    }

  private:
    std::shared_ptr<const ComparisonContent> content_;
    FigureStyle style_;
    ComparedPanels panels_;
    SignedCells changes_;
    double bottom_ = 0;
    TitleBlock title_;
};

bool is_complete(const ComparedMatrix& matrix) {
    return !matrix.weights.empty() && matrix.weights.size() == matrix.axes.size();
}

}  // namespace

FigureContent comparison_figure(ComparisonContent content) {
    return [shared = std::make_shared<const ComparisonContent>(std::move(content))](
               const FigureStyle& style) -> Result<DrawingPtr> {
        if (!is_complete(shared->a) || !is_complete(shared->b) ||
            shared->difference.size() != shared->a.weights.size())
            return fail(ErrorKind::InvalidInput,
                        "cannot draw {}: {} and {} weights and {} differences do not fit the tokens",
                        shared->what, shared->a.weights.size(), shared->b.weights.size(),
                        shared->difference.size());
        return std::make_unique<const ComparisonDrawing>(shared, style);
    };
}

}  // namespace headlight
