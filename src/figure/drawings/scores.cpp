// Queries times keys: products by dimension as cells, their sum, the score, the weight as a bar.
#include <algorithm>
#include <cmath>

#include "figure/contents.h"
#include "figure/text_layout.h"
#include "figure/title.h"
#include "figure/token_contents.h"

namespace headlight {
namespace {

constexpr double kScoreRow = 16, kScoreLabelPx = 9.5, kScoreColumn = 54, kWeightBar = 70, kMostDimension = 12;

class ScoresDrawing final : public Drawing {
  public:
    ScoresDrawing(std::shared_ptr<const ScoresContent> content, const FigureStyle& style)
        : content_(std::move(content)), style_(style) {
        const ScoresContent& c = *content_;
        const double margin = margin_of(style), room = style.room();
        for (const ScoresContent::Row& row : c.rows) {
            label_room_ = std::max(label_room_, text_width(row.key, kScoreLabelPx));
            for (const float product : row.products)
                largest_ = std::max(largest_, std::abs(static_cast<double>(product)));
        }
        label_room_ = std::min(label_room_, room > 0 ? 0.2 * room : 120.0);
        const double columns = 2 * kScoreColumn + weight_room();
        const auto count = static_cast<double>(c.dimensions.size());
        const double strip_room = room - 2 * margin - label_room_ - 8 - columns - 10;
        cell_ = room > 0 ? std::clamp(strip_room / count, 0.5, kMostDimension)
                         : std::clamp(560 / count, 3.0, kMostDimension);
        strip_ = margin + label_room_ + 8;
        sums_ = strip_ + cell_ * count + 10;
        width = figure_width(sums_ + columns + margin, style);
        title_ = lay_out_title(width, c.caption, c.what, {c.caption.note, c.caption.dtype}, style);
        top_ = title_.height + (style.shows_axis_names ? 30 : 6);
        bottom_ = top_ + kScoreRow * static_cast<double>(c.rows.size());
        caveat_ = lay_out_caveat(c.caveat, width - 2 * margin);
        foot_ = bottom_ + (style.shows_labels ? 18 : 4);
        height = std::ceil(foot_ + caveat_.height + margin);
        title = title_text(c.caption, c.what);
    }

    void paint_content(Canvas& canvas) const override {
        draw_title(canvas, title_);
        if (style_.shows_axis_names) paint_names(canvas);
        std::vector<Rgb8> colours;
        for (const ScoresContent::Row& row : content_->rows)
            for (const float product : row.products)
                colours.push_back(look().change_colour(product / largest_, style_.gamma));
        const auto count = static_cast<int>(content_->dimensions.size());
        const double gap = cell_ >= 5 ? 0.6 : 0;
        canvas.cells({{strip_, top_, cell_ * count, bottom_ - top_},
                      static_cast<int>(content_->rows.size()),
                      count,
                      colours,
                      gap});
        for (std::size_t i = 0; i < content_->rows.size(); ++i)
            paint_row(canvas, content_->rows[i], top_ + (static_cast<double>(i) + 0.5) * kScoreRow);
        canvas.frame({strip_ - 0.5, top_ - 0.5, cell_ * count + 1, bottom_ - top_ + 1},
                     {.width = 0.8, .colour = look().line});
        if (style_.shows_labels) paint_dimensions(canvas);
        draw_caveat(canvas, caveat_, margin_of(style_), foot_);
    }

  private:
    double weight_room() const {
        return style_.room() > 0 ? std::min(kWeightBar, 0.16 * style_.room()) + 34 : kWeightBar + 34;
    }

    void paint_names(Canvas& canvas) const {
        const auto count = static_cast<double>(content_->dimensions.size());
        const TextStyle name{.size_px = kLabelPx, .colour = look().dim, .anchor = Anchor::End};
        TextStyle middle = name;
        middle.anchor = Anchor::Middle;
        TextStyle start = name;
        start.anchor = Anchor::Start;
        canvas.text({strip_ - 8, top_ - 6}, "key", name);
        canvas.text({strip_ + cell_ * count / 2, top_ - 6},
                    fit_text("q × k by dimension", kLabelPx, std::max(20.0, cell_ * count)), middle);
        canvas.text({sums_ + kScoreColumn - 4, top_ - 6}, "q·k", name);
        canvas.text({sums_ + 2 * kScoreColumn - 4, top_ - 6}, "score", name);
        canvas.text({sums_ + 2 * kScoreColumn + 4, top_ - 6}, "weight", start);
        // How the score comes of the sum stands over both columns.
        canvas.text({sums_ + 2 * kScoreColumn - 4, top_ - 19},
                    fit_text(content_->score_name, kLabelPx - 1, sums_ + 2 * kScoreColumn - strip_), name);
    }

    void paint_row(Canvas& canvas, const ScoresContent::Row& row, double y) const {
        const TextStyle number{.size_px = kScoreLabelPx, .anchor = Anchor::End, .is_centred = true};
        TextStyle dim = number;
        dim.colour = look().dim;
        canvas.text({strip_ - 8, y}, fit_label(row.key, kScoreLabelPx, label_room_),
                    row.is_masked ? dim : number);
        canvas.text({sums_ + kScoreColumn - 4, y}, fmt::format("{:+.2f}", row.product),
                    row.is_masked ? dim : number);
        if (row.is_masked) {
            canvas.text({sums_ + 2 * kScoreColumn - 4, y}, "masked", dim);
            return;
        }
        canvas.text({sums_ + 2 * kScoreColumn - 4, y}, fmt::format("{:+.2f}", row.score), number);
        const double left = sums_ + 2 * kScoreColumn + 4, room = weight_room() - 34;
        canvas.fill({left, y - 4, room, 8}, look().faint_line);
        canvas.fill({left, y - 4, room * std::clamp(row.weight, 0.0, 1.0), 8}, series_colour(0));
        canvas.text({left + weight_room() - 4, y}, fmt::format("{:.0f} %", 100 * row.weight), number);
    }

    void paint_dimensions(Canvas& canvas) const {
        double free_from = -1e9;
        for (std::size_t i = 0; i < content_->dimensions.size(); ++i) {
            const std::string name = std::to_string(content_->dimensions[i]);
            const double half = text_width(name, 8.5) / 2;
            const double x = strip_ + (static_cast<double>(i) + 0.5) * cell_;
            if (x - half < free_from) continue;
            canvas.text({x, bottom_ + 11}, name,
                        {.size_px = 8.5, .colour = look().dim, .anchor = Anchor::Middle});
            free_from = x + half + 4;
        }
    }

    std::shared_ptr<const ScoresContent> content_;
    FigureStyle style_;
    TitleBlock title_;
    CaveatBlock caveat_;
    double foot_ = 0;
    double label_room_ = 0, largest_ = 1e-9, cell_ = 1, strip_ = 0, sums_ = 0, top_ = 0, bottom_ = 0;
};

}  // namespace

FigureContent scores_figure(ScoresContent content) {
    return [shared = std::make_shared<const ScoresContent>(std::move(content))](
               const FigureStyle& style) -> Result<DrawingPtr> {
        bool is_sound = !shared->rows.empty() && !shared->dimensions.empty();
        for (const ScoresContent::Row& row : shared->rows)
            is_sound &= row.products.size() == shared->dimensions.size();
        if (!is_sound)
            return fail(ErrorKind::InvalidInput, "cannot draw {}: {} rows do not hold {} dimensions each",
                        shared->what, shared->rows.size(), shared->dimensions.size());
        return std::make_unique<const ScoresDrawing>(shared, style);
    };
}

}  // namespace headlight
