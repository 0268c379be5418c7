// One head as a matrix. Everything but title and cells is the same for all heads of a text.
#include <algorithm>
#include <cmath>

#include "figure/axis_labels.h"
#include "figure/contents.h"
#include "figure/heat_cells.h"
#include "figure/text_layout.h"
#include "figure/title.h"

namespace headlight {
namespace {

constexpr int kMostHeatmapCells = 1024;
constexpr double kMostPrintCell = 40;

struct HeatmapGeometry {
    int row_slots = 0, col_slots = 0;  // tokens, rounded up to whole cells
    Box matrix, bar;
    double right = 0;  // edge of what stands
    AxisLabels rows, columns;
};

/// Whole units, so that all cells are equally many pixels wide.
double heatmap_cell_side(int cells) {
    if (cells <= 64) return std::clamp(std::floor(672.0 / cells), 10.0, 40.0);
    return std::max(1.0, std::round(900.0 / cells));
}

/// Without the height of the title, which depends on the width.
HeatmapGeometry lay_out_heatmap(const FigureAxes& axes, const HeatCells& cells, double cell,
                                const FigureStyle& style) {
    HeatmapGeometry g;
    g.row_slots = cells.row_slots();
    g.col_slots = cells.col_slots();
    const double per_token = cell / cells.tokens_per_cell;
    const bool is_print = style.width_mm > 0;
    const double size = per_token >= 14 && !is_print ? 10.5 : 9.5;
    const double most_text = is_print ? std::min(110.0, 0.22 * style.room()) : 110;
    g.rows = make_axis_labels(*axes.queries, per_token, size, most_text, style, axes.first_query);
    g.columns = make_axis_labels(*axes.keys, per_token, size, most_text, style, axes.first_key);
    const double names = style.shows_axis_names ? kAxisNamePx : 4, margin = margin_of(style);
    const double left = std::ceil(margin + names + g.rows.row_width);
    g.matrix = {left, std::ceil(names + g.columns.column_height), cell * cells.cols, cell * cells.rows};
    const double bar_height = std::min(std::max(g.matrix.height, std::min(g.matrix.width, 120.0)), 420.0);
    const double bar_gap = is_print ? 8 : 18;
    g.bar = {g.matrix.right() + bar_gap, g.matrix.y, is_print ? 10 : kColourBarPx, bar_height};
    g.right = std::max(style.shows_colour_bar ? g.bar.right() + colour_bar_room(style) : g.matrix.right(),
                       g.matrix.right() + g.columns.column_reach + margin);
    return g;
}

class HeatmapDrawing final : public Drawing {
  public:
    HeatmapDrawing(std::shared_ptr<const HeatmapContent> content, const FigureStyle& style)
        : content_(std::move(content)),
          style_(style),
          mask_{content_->axes.is_causal, content_->axes.window} {
        const FigureAxes& axes = content_->axes;
        cells_ = reduce_weights(content_->weights, static_cast<int>(axes.queries->size()),
                                static_cast<int>(axes.keys->size()), mask_, kMostHeatmapCells);
        set_top(cells_, style.range);
        const double natural = heatmap_cell_side(std::max(cells_.rows, cells_.cols));
        const double cell =
            fit_cell(style.room(), style.room() > 0 ? kMostPrintCell : natural,
                     [&](double side) { return lay_out_heatmap(axes, cells_, side, style).right; });
        geometry_ = lay_out_heatmap(axes, cells_, cell, style);
        width = figure_width(geometry_.right, style);
        title_ = lay_out_title(width, content_->caption, content_->what,
                               {content_->caption.note, size_statement(axes), sentence_statement(axes),
                                content_->caption.dtype, label_statement(geometry_.rows, geometry_.columns),
                                window_statement(cells_, mask_), reduction_statement(cells_)},
                               style);
        const double shift = std::max(0.0, style.room() > 0 ? (width - geometry_.right) / 2 : 0);
        for (Box* box : {&geometry_.matrix, &geometry_.bar}) {
            box->x += shift;
            box->y += title_.height;
        }
        const double bottom =
            std::max(geometry_.matrix.bottom(), style.shows_colour_bar ? geometry_.bar.bottom() : 0.0);
        const double name = style.shows_axis_names ? text_width("query (from)", kTextPx) / 2 : 0;
        height = std::ceil(std::max(bottom, geometry_.matrix.y + geometry_.matrix.height / 2 + name) +
                           margin_of(style) + 4);
        title = title_text(content_->caption, content_->what);
    }

    std::string frame_key() const override {
        std::string key =
            fmt::format("{}/{}/{}/{}/{}/{}/{}", style_.scale, style_.gamma, cells_.top, title_.height, width,
                        content_->axes.first_query, content_->axes.first_key);
        for (const FigureTokens& tokens : {content_->axes.queries, content_->axes.keys}) {
            key += '\1';
            for (const Token& token : *tokens)
                key.append(1, '\0').append(token.display);
        }
        return key;
    }
    void paint_frame(Canvas& canvas) const override {
        const HeatmapGeometry& g = geometry_;
        draw_row_labels(canvas, g.rows, g.matrix, g.row_slots);
        draw_column_labels_above(canvas, g.columns, g.matrix, g.col_slots);
        draw_colour_bar(canvas, g.bar, style_, cells_.top);
        const double x = g.matrix.x - g.rows.row_width - kAxisNamePx + 8;
        draw_axis_names(canvas, g.matrix, x, title_.height + 10, style_);
    }
    void paint_content(Canvas& canvas) const override {
        draw_cells(canvas, cells_, geometry_.matrix, style_);
        draw_window_band(canvas, cells_, geometry_.matrix, mask_);
        draw_sentences(canvas, content_->axes, geometry_.matrix, geometry_.row_slots, geometry_.col_slots);
        draw_title(canvas, title_);
    }

  private:
    std::shared_ptr<const HeatmapContent> content_;
    FigureStyle style_;
    CellMask mask_;
    HeatCells cells_;
    HeatmapGeometry geometry_;
    TitleBlock title_;
};

}  // namespace

FigureContent heatmap_figure(HeatmapContent content) {
    return [shared = std::make_shared<const HeatmapContent>(std::move(content))](
               const FigureStyle& style) -> Result<DrawingPtr> {
        if (shared->axes.size() == 0 || shared->weights.size() != shared->axes.size())
            return fail(ErrorKind::InvalidInput,
                        "cannot draw {}: {} weights do not fill its queries × keys ({})", shared->what,
                        shared->weights.size(), shared->axes.size());
        return std::make_unique<const HeatmapDrawing>(shared, style);
    };
}

}  // namespace headlight
