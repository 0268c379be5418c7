// Heads side by side: token labels at the left and under the lowest panel of each column.
#include <algorithm>
#include <cmath>

#include "figure/axis_labels.h"
#include "figure/contents.h"
#include "figure/heat_cells.h"
#include "figure/text_layout.h"
#include "figure/title.h"

namespace headlight {
namespace {

constexpr int kMostGridCells = 480;
constexpr double kPanelGapPx = 22, kPrintGapPx = 10;
constexpr double kPanelTitlePx = 20, kPrintTitlePx = 15;
constexpr double kLeastPrintPanel = 90, kMostPrintGridCell = 32, kGridTitleRoom = 62;

double grid_cell_side(int cells) {
    return std::clamp(std::round(320.0 / cells), 1.0, 32.0);
}

struct GridGeometry {
    int row_slots = 0, col_slots = 0;
    int num_panels = 0, columns = 0;
    double gap = 0, title_room = 0;
    double panel_width = 0, panel_height = 0;
    double left = 0, top = 0, right = 0, bottom = 0;
    AxisLabels row_labels, column_labels;
    Box bar;

    Box panel(int index) const {
        const int row = index / columns, column = index % columns;
        return {left + column * (panel_width + gap),
                top + title_room + row * (panel_height + gap + title_room), panel_width, panel_height};
    }
    bool is_lowest(int index) const { return index + columns >= num_panels; }
};

GridGeometry lay_out_grid(const GridContent& content, const HeatCells& cells, int columns, double cell,
                          double top, const FigureStyle& style) {
    GridGeometry g;
    const bool is_print = style.width_mm > 0;
    g.num_panels = static_cast<int>(content.heads.size());
    g.columns = columns;
    g.gap = is_print ? kPrintGapPx : kPanelGapPx;
    g.title_room = is_print ? kPrintTitlePx : kPanelTitlePx;
    g.row_slots = cells.row_slots();
    g.col_slots = cells.col_slots();
    g.panel_width = cell * cells.cols;
    g.panel_height = cell * cells.rows;
    const double most_text = is_print ? std::min(80.0, 0.16 * style.room()) : 80;
    g.row_labels = make_axis_labels(*content.axes.queries, cell / cells.tokens_per_cell, 8.5, most_text,
                                    style, content.axes.first_query);
    g.column_labels = make_axis_labels(*content.axes.keys, cell / cells.tokens_per_cell, 8.5, most_text,
                                       style, content.axes.first_key);
    const double names = style.shows_axis_names ? kAxisNamePx : 2, margin = margin_of(style);
    g.left = std::ceil(margin + names + g.row_labels.row_width);
    g.top = top;
    const Box last = g.panel(g.columns - 1), lowest = g.panel(g.num_panels - 1);
    g.bar = {last.right() + (is_print ? 8 : 18), last.y, is_print ? 10 : kColourBarPx,
             std::min(std::max(g.panel_height, 100.0), 320.0)};
    g.right = style.shows_colour_bar ? g.bar.right() + colour_bar_room(style) : last.right() + margin;
    const double under = std::ceil(g.column_labels.column_height + names);
    g.bottom = std::ceil(
        std::max(lowest.bottom() + under, style.shows_colour_bar ? g.bar.bottom() + 8 : 0.0) + margin);
    return g;
}

class GridDrawing final : public Drawing {
  public:
    GridDrawing(std::shared_ptr<const GridContent> content, const FigureStyle& style)
        : content_(std::move(content)),
          style_(style),
          mask_{content_->axes.is_causal, content_->axes.window} {
        double largest = 0;
        for (const NamedMatrix& head : content_->heads) {
            cells_.push_back(reduce_weights(head.weights, static_cast<int>(content_->axes.queries->size()),
                                            static_cast<int>(content_->axes.keys->size()), mask_,
                                            kMostGridCells));
            set_top(cells_.back(), style.range);
            largest = std::max(largest, cells_.back().top);
        }
        // One scale for all: the heads are there to be compared.
        for (HeatCells& cells : cells_)
            cells.top = top_ = largest;
        const HeatCells& first = cells_.front();
        const double natural = grid_cell_side(std::max(first.rows, first.cols));
        const auto [columns, cell] =
            style.room() > 0 ? fit_columns(first) : std::pair(natural_columns(), natural);
        geometry_ = lay_out_grid(*content_, first, columns, cell, 0, style);
        width = figure_width(geometry_.right, style);
        title_ = lay_out_title(
            width, content_->caption, content_->what,
            {content_->caption.note, size_statement(content_->axes), sentence_statement(content_->axes),
             content_->caption.dtype, label_statement(geometry_.row_labels, geometry_.column_labels),
             window_statement(first, mask_), reduction_statement(first)},
            style);
        geometry_ = lay_out_grid(*content_, first, columns, cell, title_.height, style);
        shift_ = style.room() > 0 ? std::max(0.0, (width - geometry_.right) / 2) : 0;
        geometry_.left += shift_;
        geometry_.bar.x += shift_;
        height = geometry_.bottom;
        title = title_text(content_->caption, content_->what);
    }

    void paint_frame(Canvas& canvas) const override {
        const GridGeometry& g = geometry_;
        for (int i = 0; i < g.num_panels; ++i) {
            const Box box = g.panel(i);
            canvas.text({box.x, box.y - (style_.width_mm > 0 ? 4 : 6)},
                        fit_text(content_->heads[static_cast<std::size_t>(i)].name, kTextPx, box.width, true),
                        {.size_px = kTextPx, .is_bold = true});
            if (i % g.columns == 0) draw_row_labels(canvas, g.row_labels, box, g.row_slots);
            if (g.is_lowest(i)) draw_column_labels_below(canvas, g.column_labels, box, g.col_slots);
        }
        draw_colour_bar(canvas, g.bar, style_, top_);
        if (!style_.shows_axis_names) return;
        const TextStyle name{.size_px = kTextPx, .colour = look().dim, .anchor = Anchor::Middle};
        TextStyle turned = name;
        turned.angle_deg = 90;
        const Box first = g.panel(0), last = g.panel(g.num_panels - 1), right = g.panel(g.columns - 1);
        const double margin = margin_of(style_);
        canvas.text({margin + 8 + shift_, (first.y + last.bottom()) / 2}, "query (from)", turned);
        const double under = last.bottom() + g.column_labels.column_height + kAxisNamePx - 2;
        canvas.text({(first.x + right.right()) / 2, under}, "key (to)", name);
    }
    void paint_content(Canvas& canvas) const override {
        for (int i = 0; i < geometry_.num_panels; ++i) {
            const HeatCells& cells = cells_[static_cast<std::size_t>(i)];
            draw_cells(canvas, cells, geometry_.panel(i), style_);
            draw_window_band(canvas, cells, geometry_.panel(i), mask_);
            draw_sentences(canvas, content_->axes, geometry_.panel(i), geometry_.row_slots,
                           geometry_.col_slots);
        }
        draw_title(canvas, title_);
    }

  private:
    int natural_columns() const {
        const int count = static_cast<int>(content_->heads.size());
        return std::min(count, content_->columns > 0 ? content_->columns : 4);
    }
    /// Columns and cells of a given width: as many as leave each head some room; with a height too, those
    /// with which cells are largest.
    std::pair<int, double> fit_columns(const HeatCells& cells) const {
        const int count = static_cast<int>(content_->heads.size());
        const auto cell_of = [&](int columns) {
            const auto by_width = [&](double side) {
                return lay_out_grid(*content_, cells, columns, side, 0, style_).right;
            };
            const auto by_height = [&](double side) {
                return lay_out_grid(*content_, cells, columns, side, 0, style_).bottom;
            };
            const double wide = fit_cell(style_.room(), kMostPrintGridCell, by_width);
            return fit_cell(std::max(0.0, style_.height_room() - kGridTitleRoom), wide, by_height);
        };
        const int least =
            content_->columns > 0 || style_.height_mm > 0
                ? std::min(count, std::max(1, content_->columns))
                : std::clamp(static_cast<int>(style_.room() / kLeastPrintPanel), 1, std::min(count, 4));
        std::pair best{least, cell_of(least)};
        for (int columns = least + 1;
             content_->columns == 0 && style_.height_mm > 0 && columns <= std::min(count, 12); ++columns) {
            const double cell = cell_of(columns);
            if (cell > best.second) best = {columns, cell};
        }
        return best;
    }

    std::shared_ptr<const GridContent> content_;
    FigureStyle style_;
    CellMask mask_;
    std::vector<HeatCells> cells_;
    double top_ = 1, shift_ = 0;
    GridGeometry geometry_;
    TitleBlock title_;
};

}  // namespace

FigureContent grid_figure(GridContent content) {
    return [shared = std::make_shared<const GridContent>(std::move(content))](
               const FigureStyle& style) -> Result<DrawingPtr> {
        const std::size_t expected = shared->axes.size();
        const bool is_sound =
            expected > 0 && !shared->heads.empty() &&
            std::all_of(shared->heads.begin(), shared->heads.end(),
                        [&](const NamedMatrix& head) { return head.weights.size() == expected; });
        if (!is_sound)
            return fail(ErrorKind::InvalidInput,
                        "cannot draw {}: {} heads; each must hold queries × keys ({}) weights", shared->what,
                        shared->heads.size(), expected);
        return std::make_unique<const GridDrawing>(shared, style);
    };
}

}  // namespace headlight
