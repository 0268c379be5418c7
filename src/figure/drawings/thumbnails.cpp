// Every head small, layers down and heads across: which heads look alike is seen at once.
#include <algorithm>
#include <cmath>

#include "figure/axis_labels.h"
#include "figure/contents.h"
#include "figure/heat_cells.h"
#include "figure/text_layout.h"
#include "figure/title.h"

namespace headlight {
namespace {

constexpr double kMostThumbGap = 4, kThumbLabelPx = 9, kNaturalThumb = 64, kLeastThumb = 2,
                 kThumbTitleRoom = 62;
constexpr int kMostThumbCells = 64;

struct ThumbGeometry {
    double left = 0, top = 0, gap = 0, side = 0, thumb_height = 0, right = 0, bottom = 0;
    Box bar;
    Box thumb(std::size_t row, std::size_t column) const {
        return {left + static_cast<double>(column) * (side + gap),
                top + static_cast<double>(row) * (thumb_height + gap), side, thumb_height};
    }
};

ThumbGeometry lay_out_thumbs(const ThumbnailContent& content, double side, double top,
                             const FigureStyle& style) {
    ThumbGeometry g;
    double widest = 0;
    for (const std::string& label : content.row_labels)
        widest = std::max(widest, text_width(label, kThumbLabelPx));
    const double names = style.shows_axis_names ? kAxisNamePx : 2;
    g.side = side;
    g.gap = std::clamp(side / 8, 1.0, kMostThumbGap);
    g.thumb_height = side * static_cast<double>(content.axes.queries->size()) /
                     static_cast<double>(content.axes.keys->size());
    g.left = margin_of(style) + names + (style.shows_labels ? widest + 6 : 0);
    g.top = top + names + (style.shows_labels ? 14 : 0);
    const Box last = g.thumb(content.row_labels.size() - 1, content.column_labels.size() - 1);
    g.bar = {last.right() + 10, g.top, 10, std::min(std::max(last.bottom() - g.top, 60.0), 320.0)};
    g.right =
        style.shows_colour_bar ? g.bar.right() + colour_bar_room(style) : last.right() + margin_of(style);
    g.bottom = std::max(last.bottom(), style.shows_colour_bar ? g.bar.bottom() + 6 : 0) + margin_of(style);
    return g;
}

class ThumbnailDrawing final : public Drawing {
  public:
    ThumbnailDrawing(std::shared_ptr<const ThumbnailContent> content, const FigureStyle& style)
        : content_(std::move(content)), style_(style) {
        const double by_width = fit_cell(style.room(), kNaturalThumb, [&](double wished) {
            return lay_out_thumbs(*content_, wished, 0, style).right;
        });
        const double side =
            fit_cell(std::max(0.0, style.height_room() - kThumbTitleRoom), by_width,
                     [&](double wished) { return lay_out_thumbs(*content_, wished, 0, style).bottom; });
        width = figure_width(lay_out_thumbs(*content_, side, 0, style).right, style);
        title_ = lay_out_title(width, content_->caption, content_->what,
                               {content_->caption.note, size_statement(content_->axes),
                                content_->caption.dtype, "queries down, keys across"},
                               style);
        geometry_ = lay_out_thumbs(*content_, std::max(side, kLeastThumb), title_.height, style);
        shift_ = style.room() > 0 ? std::max(0.0, (width - geometry_.right) / 2) : 0;
        geometry_.left += shift_;
        geometry_.bar.x += shift_;
        height = geometry_.bottom;
        title = title_text(content_->caption, content_->what);
    }

    void paint_content(Canvas& canvas) const override {
        draw_title(canvas, title_);
        paint_labels(canvas);
        const CellMask mask{content_->axes.is_causal, content_->axes.window};
        const std::size_t columns = content_->column_labels.size();
        const int most = std::clamp(static_cast<int>(geometry_.side * 2), 8, kMostThumbCells);
        FigureStyle plain = style_;
        plain.shows_numbers = false;
        for (std::size_t i = 0; i < content_->heads.size(); ++i) {
            const std::vector<float>& weights = content_->heads[i];
            if (weights.empty()) continue;
            HeatCells cells = reduce_weights(weights, static_cast<int>(content_->axes.queries->size()),
                                             static_cast<int>(content_->axes.keys->size()), mask, most);
            draw_cells(canvas, cells, geometry_.thumb(i / columns, i % columns), plain);
        }
        draw_colour_bar(canvas, geometry_.bar, style_);
    }

  private:
    void paint_labels(Canvas& canvas) const {
        const ThumbGeometry& g = geometry_;
        const std::size_t rows = content_->row_labels.size(), columns = content_->column_labels.size();
        const Box last = g.thumb(rows - 1, columns - 1);
        if (style_.shows_axis_names) {
            TextStyle name{.size_px = kTextPx, .colour = look().dim, .anchor = Anchor::Middle};
            canvas.text({(g.left + last.right()) / 2, title_.height + 11}, "head", name);
            name.angle_deg = 90;
            canvas.text({margin_of(style_) + 9 + shift_, (g.top + last.bottom()) / 2}, "layer", name);
        }
        if (!style_.shows_labels) return;
        const LabelPlan down =
            plan_labels(static_cast<int>(rows), g.thumb_height + g.gap, line_height(kThumbLabelPx), 90);
        double widest = 0;
        for (const std::string& label : content_->column_labels)
            widest = std::max(widest, text_width(label, kThumbLabelPx) + 4);
        const LabelPlan across = plan_labels(static_cast<int>(columns), g.side + g.gap, widest, 90);
        for (std::size_t row = 0; row < rows; row += static_cast<std::size_t>(down.step)) {
            const Box box = g.thumb(row, 0);
            canvas.text({box.x - 6, box.y + box.height / 2}, content_->row_labels[row],
                        {.size_px = kThumbLabelPx, .anchor = Anchor::End, .is_centred = true});
        }
        for (std::size_t column = 0; column < columns; column += static_cast<std::size_t>(across.step)) {
            const Box box = g.thumb(0, column);
            canvas.text({box.x + box.width / 2, box.y - 5}, content_->column_labels[column],
                        {.size_px = kThumbLabelPx, .anchor = Anchor::Middle});
        }
    }

    std::shared_ptr<const ThumbnailContent> content_;
    FigureStyle style_;
    ThumbGeometry geometry_;
    double shift_ = 0;
    TitleBlock title_;
};

}  // namespace

FigureContent thumbnails_figure(ThumbnailContent content) {
    return [shared = std::make_shared<const ThumbnailContent>(std::move(content))](
               const FigureStyle& style) -> Result<DrawingPtr> {
        const std::size_t count = shared->row_labels.size() * shared->column_labels.size();
        const bool is_sound =
            count > 0 && shared->axes.size() > 0 && shared->heads.size() == count &&
            std::all_of(shared->heads.begin(), shared->heads.end(), [&](const std::vector<float>& head) {
                return head.empty() || head.size() == shared->axes.size();
            });
        if (!is_sound)
            return fail(ErrorKind::InvalidInput, "cannot draw {}: {} heads do not fill {} places",
                        shared->what, shared->heads.size(), count);
        // Thumbnails have one scale; each head's own would make faint ones look strong.
        FigureStyle fixed = style;
        fixed.range = FigureRange::Fixed;
        return std::make_unique<const ThumbnailDrawing>(shared, fixed);
    };
}

}  // namespace headlight
