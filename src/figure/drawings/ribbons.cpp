// Ribbons of the rollout: layers from left to right, tokens from top to bottom.
#include <algorithm>
#include <cmath>

#include "figure/contents.h"
#include "figure/strokes.h"
#include "figure/text_layout.h"
#include "figure/title.h"
#include "figure/token_contents.h"

namespace headlight {
namespace {

constexpr double kRibbonRow = 19, kRibbonLabelPx = 9.5, kShareBar = 46, kNaturalRibbons = 520,
                 kLeastRibbons = 60, kWayRow = 15, kMostNode = 3.6;

class RibbonsDrawing final : public Drawing {
  public:
    RibbonsDrawing(std::shared_ptr<const RibbonsContent> content, const FigureStyle& style)
        : content_(std::move(content)), style_(style) {
        const RibbonsContent& c = *content_;
        const double margin = margin_of(style);
        most_label_ = style.room() > 0 ? std::min(110.0, 0.2 * style.room()) : 110;
        for (const RibbonsContent::Row& row : c.rows) {
            label_room_ = std::max(label_room_, text_width(row.label, kRibbonLabelPx));
            largest_ = std::max({largest_, row.share, row.uniform});
        }
        label_room_ = style.shows_labels ? std::min(label_room_, most_label_) : 0;
        number_room_ = style.shows_numbers ? text_width("100 %", kRibbonLabelPx) + 5 : 0;
        bar_ = style.room() > 0 ? std::min(kShareBar, 0.1 * style.room()) : kShareBar;
        const double query_room = style.shows_labels ? std::min(most_label_, query_width()) + 8 : 8;
        left_ = margin + label_room_ + 6 + number_room_ + bar_ + 12;
        width = figure_width(left_ + kNaturalRibbons + query_room + margin, style);
        right_ = std::max(left_ + kLeastRibbons, width - margin - query_room);
        title_ = lay_out_title(
            width, c.caption, c.what,
            {c.caption.note, "thickness: share that passes; dashes: uniform attention", c.caption.dtype},
            style);
        top_ = title_.height + 6;
        bottom_ = top_ + kRibbonRow * static_cast<double>(c.rows.size());
        axis_ = 18 + (style.shows_axis_names ? 14 : 0);
        const double ways = c.ways.empty() ? 0 : kWayRow * static_cast<double>(c.ways.size() + 1) + 4;
        height = std::ceil(bottom_ + axis_ + ways + margin);
        title = title_text(c.caption, c.what);
    }

    void paint_content(Canvas& canvas) const override {
        draw_title(canvas, title_);
        paint_links(canvas);
        paint_way(canvas);
        paint_nodes(canvas);
        paint_rows(canvas);
        paint_levels(canvas);
        paint_ways(canvas);
    }

  private:
    double query_width() const {
        const auto row = static_cast<std::size_t>(content_->query_row);
        return text_width(content_->rows[row].label, kRibbonLabelPx);
    }
    double x_of(int level) const {
        return left_ + (right_ - left_) * level / std::max(1, content_->num_levels - 1);
    }
    double y_of(int row) const { return top_ + (row + 0.5) * kRibbonRow; }

    /// The light ones first.
    void paint_links(Canvas& canvas) const {
        std::vector<RibbonsContent::Link> links = content_->links;
        std::stable_sort(links.begin(), links.end(),
                         [](const auto& a, const auto& b) { return a.weight < b.weight; });
        for (const RibbonsContent::Link& link : links) {
            const Rgb8 colour = link.below == link.above ? look().dim : series_colour(0);
            draw_ribbon(canvas, {x_of(link.level), y_of(link.below)},
                        {x_of(link.level + 1), y_of(link.above)},
                        std::max(0.5, 0.85 * kRibbonRow * std::min(1.0, link.weight)),
                        faded(colour, 0.25 + 0.5 * std::sqrt(std::min(1.0, link.weight))));
        }
    }

    void paint_way(Canvas& canvas) const {
        if (content_->ways.empty()) return;
        const std::vector<int>& rows = content_->ways.front().rows;
        for (std::size_t level = 0; level + 1 < rows.size(); ++level) {
            if (rows[level] < 0 || rows[level + 1] < 0) continue;
            canvas.line({x_of(static_cast<int>(level)), y_of(rows[level])},
                        {x_of(static_cast<int>(level) + 1), y_of(rows[level + 1])},
                        {.width = 1.6, .colour = series_colour(1)});
        }
    }

    void paint_nodes(Canvas& canvas) const {
        for (std::size_t row = 0; row < content_->rows.size(); ++row) {
            const std::vector<double>& nodes = content_->rows[row].nodes;
            for (std::size_t level = 0; level < nodes.size(); ++level) {
                if (nodes[level] < 0.01) continue;
                const double radius = std::max(0.8, kMostNode * std::sqrt(std::min(1.0, nodes[level])));
                std::vector<Point> circle;
                for (int i = 0; i < 16; ++i)
                    circle.push_back(
                        {x_of(static_cast<int>(level)) + radius * std::cos(i * 0.39269908169872414),
                         y_of(static_cast<int>(row)) + radius * std::sin(i * 0.39269908169872414)});
                canvas.polygon(circle, look().ink);
            }
        }
    }

    void paint_rows(Canvas& canvas) const {
        const double bar = left_ - 12 - bar_;
        for (std::size_t i = 0; i < content_->rows.size(); ++i) {
            const RibbonsContent::Row& row = content_->rows[i];
            const double y = y_of(static_cast<int>(i));
            const bool is_query = static_cast<int>(i) == content_->query_row;
            if (style_.shows_labels) {
                const std::string label = fit_label(row.label, kRibbonLabelPx, most_label_);
                canvas.text(
                    {margin_of(style_) + label_room_, y}, label,
                    {.size_px = kRibbonLabelPx, .anchor = Anchor::End, .is_bold = false, .is_centred = true});
                if (is_query)
                    canvas.text({right_ + 7, y}, label, {.size_px = kRibbonLabelPx, .is_centred = true});
            }
            if (style_.shows_numbers)
                canvas.text({bar - 4, y}, fmt::format("{:.0f} %", 100 * row.share),
                            {.size_px = kRibbonLabelPx,
                             .colour = look().dim,
                             .anchor = Anchor::End,
                             .is_centred = true});
            canvas.fill({bar, y - 2.5, bar_ * row.share / largest_, 5}, series_colour(0));
            const double uniform = bar + bar_ * row.uniform / largest_;
            canvas.line({uniform, y - 6}, {uniform, y + 6},
                        {.width = 0.8, .colour = look().ink, .is_dashed = true});
        }
    }

    void paint_levels(Canvas& canvas) const {
        const int last = content_->num_levels - 1;
        const double pitch = (right_ - left_) / std::max(1, last);
        int step = 1;
        while (pitch * step < text_width("L000", kLabelPx) + 8)
            step = step == 2 ? 5 : step * 2;
        for (int level = 0; level <= last; ++level) {
            const bool is_end = level == 0 || level == last;
            if (!is_end && (level % step != 0 || last - level < step)) continue;
            const std::string name = level == 0      ? "input"
                                     : level == last ? "top"
                                                     : fmt::format("L{}", level - 1);
            canvas.text({x_of(level), bottom_ + 12}, name,
                        {.size_px = kLabelPx, .colour = look().dim, .anchor = Anchor::Middle});
        }
        if (style_.shows_axis_names)
            canvas.text({(left_ + right_) / 2, bottom_ + 27}, "output of layer",
                        {.size_px = kTextPx, .colour = look().dim, .anchor = Anchor::Middle});
    }

    void paint_ways(Canvas& canvas) const {
        if (content_->ways.empty()) return;
        const double x = margin_of(style_), room = width - 2 * x;
        double y = bottom_ + axis_ + kWayRow;
        canvas.text({x, y - 3}, fit_text(content_->ways_title, kLabelPx, room),
                    {.size_px = kLabelPx, .colour = look().dim});
        for (std::size_t i = 0; i < content_->ways.size(); ++i) {
            y += kWayRow;
            const Rgb8 colour = i == 0 ? series_colour(1) : look().ink;
            canvas.text({x + 40, y - 3}, fmt::format("{:.1f} %", 100 * content_->ways[i].weight),
                        {.size_px = kLabelPx, .colour = colour, .anchor = Anchor::End});
            canvas.text({x + 47, y - 3}, fit_text(content_->ways[i].words, kLabelPx, room - 47),
                        {.size_px = kLabelPx, .colour = colour});
        }
    }

    std::shared_ptr<const RibbonsContent> content_;
    FigureStyle style_;
    TitleBlock title_;
    double most_label_ = 0, label_room_ = 0, number_room_ = 0, bar_ = 0, largest_ = 1e-9, left_ = 0,
           right_ = 0, top_ = 0, bottom_ = 0, axis_ = 0;
};

}  // namespace

FigureContent ribbons_figure(RibbonsContent content) {
    return [shared = std::make_shared<const RibbonsContent>(std::move(content))](
               const FigureStyle& style) -> Result<DrawingPtr> {
        const auto num_rows = static_cast<int>(shared->rows.size());
        bool is_sound = shared->query_row >= 0 && shared->query_row < num_rows && shared->num_levels > 1;
        for (const RibbonsContent::Link& link : shared->links)
            is_sound &= link.level >= 0 && link.level + 1 < shared->num_levels && link.below >= 0 &&
                        link.below < num_rows && link.above >= 0 && link.above < num_rows;
        if (!is_sound)
            return fail(ErrorKind::InvalidInput,
                        "cannot draw {}: {} rows over {} levels, or links outside them", shared->what,
                        num_rows, shared->num_levels);
        return std::make_unique<const RibbonsDrawing>(shared, style);
    };
}

}  // namespace headlight
