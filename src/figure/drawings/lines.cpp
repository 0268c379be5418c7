// Heads as lines between two columns of tokens.
#include <algorithm>
#include <cmath>

#include "figure/axis_labels.h"
#include "figure/contents.h"
#include "figure/strokes.h"
#include "figure/text_layout.h"
#include "figure/title.h"
#include "figure/token_contents.h"

namespace headlight {
namespace {

constexpr double kLineRow = 15, kLineLabelPx = 9.5, kLegendPitch = 15, kMostColumn = 900, kNaturalLines = 340,
                 kLeastLines = 40;

class LinesDrawing final : public Drawing {
  public:
    LinesDrawing(std::shared_ptr<const LinesContent> content, const FigureStyle& style)
        : content_(std::move(content)), style_(style) {
        const LinesContent& c = *content_;
        const auto count = static_cast<double>(std::max(c.axes.queries->size(), c.axes.keys->size()));
        pitch_ = std::min(kLineRow, std::max(2.0, kMostColumn / count));
        const double most = style.room() > 0 ? std::min(110.0, 0.24 * style.room()) : 110;
        queries_ = make_axis_labels(*c.axes.queries, pitch_, kLineLabelPx, most, style, c.axes.first_query);
        keys_ = make_axis_labels(*c.axes.keys, pitch_, kLineLabelPx, most, style, c.axes.first_key);
        const double margin = margin_of(style);
        left_ = margin + queries_.row_width;
        const double needed = left_ + kNaturalLines + keys_.row_width + margin;
        width = figure_width(needed, style);
        right_ = std::max(left_ + kLeastLines, width - margin - keys_.row_width);
        title_ = lay_out_title(width, c.caption, c.what,
                               {c.rule, c.caption.note, size_statement(c.axes), c.caption.dtype,
                                label_statement(queries_, keys_)},
                               style);
        top_ = title_.height + (style.shows_axis_names ? kAxisNamePx : 4);
        bottom_ = top_ + pitch_ * count;
        const bool has_legend = c.heads.size() > 1 && style.shows_labels;
        legend_columns_ = std::max(1, static_cast<int>((width - 2 * margin) / 70));
        const int rows =
            has_legend ? (static_cast<int>(c.heads.size()) + legend_columns_ - 1) / legend_columns_ : 0;
        height = std::ceil(bottom_ + rows * kLegendPitch + (rows > 0 ? 8 : 0) + margin);
        title = title_text(c.caption, c.what);
    }

    void paint_content(Canvas& canvas) const override {
        draw_title(canvas, title_);
        paint_lines(canvas);
        paint_labels(canvas);
        if (content_->heads.size() > 1 && style_.shows_labels) paint_legend(canvas);
    }

  private:
    double y_of(int row) const { return top_ + (row + 0.5) * pitch_; }

    /// The strongest last, so that they lie over the others.
    void paint_lines(Canvas& canvas) const {
        struct Stroke {
            const LinesContent::Line* line;
            std::size_t head;
        };
        std::vector<Stroke> strokes;
        for (std::size_t head = 0; head < content_->heads.size(); ++head)
            for (const LinesContent::Line& line : content_->heads[head].lines)
                strokes.push_back({&line, head});
        std::stable_sort(strokes.begin(), strokes.end(), [](const Stroke& a, const Stroke& b) {
            return std::abs(a.line->value) < std::abs(b.line->value);
        });
        const auto num_heads = static_cast<double>(content_->heads.size());
        const double thickest = std::clamp(0.22 * pitch_, 1.0, 3.2);
        for (const Stroke& stroke : strokes) {
            const double share =
                std::min(1.0, std::abs(static_cast<double>(stroke.line->value)) / content_->largest);
            const double shift = (static_cast<double>(stroke.head) - (num_heads - 1) / 2) *
                                 std::min(1.6, 0.6 * pitch_ / num_heads);
            const std::vector<Point> curve = soft_curve({left_, y_of(stroke.line->query) + shift},
                                                        {right_, y_of(stroke.line->key) + shift});
            canvas.polyline(curve, {.width = 0.35 + share * (thickest - 0.35),
                                    .colour = faded(series_colour(static_cast<int>(stroke.head)),
                                                    0.2 + 0.8 * std::pow(share, style_.gamma)),
                                    .is_dashed = stroke.line->value < 0});
        }
    }

    void paint_labels(Canvas& canvas) const {
        const auto num_queries = static_cast<int>(content_->axes.queries->size());
        draw_row_labels(canvas, queries_, {left_, top_, 0, pitch_ * num_queries}, num_queries);
        const double index_x = right_ + keys_.row_width;
        for (const AxisLabel& label : keys_.labels) {
            const double y = y_of(label.token);
            canvas.text({right_ + 5, y}, label.text, {.size_px = keys_.size_px, .is_centred = true});
            if (!label.index.empty())
                canvas.text({index_x, y}, label.index,
                            {.size_px = keys_.size_px,
                             .colour = look().dim,
                             .anchor = Anchor::End,
                             .is_centred = true});
        }
        if (!style_.shows_axis_names) return;
        const double margin = margin_of(style_), y = title_.height + 10;
        canvas.text({margin, y}, "query (from)", {.size_px = kTextPx, .colour = look().dim});
        canvas.text({width - margin, y}, "key (to)",
                    {.size_px = kTextPx, .colour = look().dim, .anchor = Anchor::End});
    }

    void paint_legend(Canvas& canvas) const {
        for (std::size_t i = 0; i < content_->heads.size(); ++i) {
            const double x =
                margin_of(style_) + static_cast<double>(static_cast<int>(i) % legend_columns_) * 70;
            const double y =
                bottom_ + 14 + static_cast<double>(static_cast<int>(i) / legend_columns_) * kLegendPitch;
            canvas.line({x, y}, {x + 14, y}, {.width = 2.2, .colour = series_colour(static_cast<int>(i))});
            canvas.text({x + 19, y}, fit_text(content_->heads[i].name, kLabelPx, 48),
                        {.size_px = kLabelPx, .is_centred = true});
        }
    }

    std::shared_ptr<const LinesContent> content_;
    FigureStyle style_;
    AxisLabels queries_, keys_;
    TitleBlock title_;
    double pitch_ = 0, left_ = 0, right_ = 0, top_ = 0, bottom_ = 0;
    int legend_columns_ = 1;
};

}  // namespace

FigureContent lines_figure(LinesContent content) {
    return [shared = std::make_shared<const LinesContent>(std::move(content))](
               const FigureStyle& style) -> Result<DrawingPtr> {
        const auto num_queries = static_cast<int>(shared->axes.queries ? shared->axes.queries->size() : 0);
        const auto num_keys = static_cast<int>(shared->axes.keys ? shared->axes.keys->size() : 0);
        bool is_sound = num_queries > 0 && num_keys > 0 && !shared->heads.empty() && shared->largest > 0 &&
                        shared->heads.size() <= static_cast<std::size_t>(kNumCurveColours);
        for (const LinesContent::Head& head : shared->heads)
            for (const LinesContent::Line& line : head.lines)
                is_sound &=
                    line.query >= 0 && line.query < num_queries && line.key >= 0 && line.key < num_keys;
        if (!is_sound)
            return fail(
                ErrorKind::InvalidInput,
                "cannot draw {}: 1 to {} heads whose lines lie within {} queries and {} keys are expected",
                shared->what, kNumCurveColours, num_queries, num_keys);
        return std::make_unique<const LinesDrawing>(shared, style);
    };
}

}  // namespace headlight
