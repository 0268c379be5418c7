// Lists of values as bars.
#include <algorithm>
#include <cmath>

#include "figure/contents.h"
#include "figure/text_layout.h"
#include "figure/title.h"
#include "figure/token_contents.h"

namespace headlight {
namespace {

constexpr double kBarRow = 17, kBarLabelPx = 10, kBarPanel = 300, kBarGap = 22, kBarName = 20,
                 kLeastBarPanel = 200;

class BarsDrawing final : public Drawing {
  public:
    BarsDrawing(std::shared_ptr<const BarsContent> content, const FigureStyle& style)
        : content_(std::move(content)), style_(style) {
        const BarsContent& c = *content_;
        const auto count = static_cast<int>(c.panels.size());
        const double margin = margin_of(style);
        const double room = style.room() > 0 ? style.room() - 2 * margin : 2 * kBarPanel + kBarGap;
        columns_ = std::clamp(static_cast<int>((room + kBarGap) / (kLeastBarPanel + kBarGap)), 1,
                              std::min(count, style.room() > 0 ? 4 : 2));
        panel_width_ = style.room() > 0 ? (room - (columns_ - 1) * kBarGap) / columns_ : kBarPanel;
        width = figure_width(2 * margin + columns_ * panel_width_ + (columns_ - 1) * kBarGap, style);
        title_ = lay_out_title(width, c.caption, c.what, {c.caption.note, c.caption.dtype}, style);
        double y = title_.height;
        for (int first = 0; first < count; first += columns_) {
            tops_.push_back(y);
            double tallest = 0;
            for (int i = first; i < std::min(first + columns_, count); ++i)
                tallest = std::max(tallest, height_of(c.panels[static_cast<std::size_t>(i)]));
            y += tallest + 10;
        }
        height = std::ceil(y - 6 + margin);
        title = title_text(c.caption, c.what);
        label_room_ = 0;
        number_room_ = 0;
        for (const BarsContent::Panel& panel : c.panels) {
            for (const BarsContent::Bar& bar : panel.bars) {
                label_room_ = std::max(label_room_, text_width(bar.label, kBarLabelPx));
                number_room_ = std::max(number_room_, text_width(bar.number, kBarLabelPx));
            }
        }
        label_room_ = std::min(label_room_, 0.42 * panel_width_);
    }

    void paint_content(Canvas& canvas) const override {
        draw_title(canvas, title_);
        for (std::size_t i = 0; i < content_->panels.size(); ++i) {
            const auto column = static_cast<double>(static_cast<int>(i) % columns_);
            paint_panel(canvas, content_->panels[i],
                        {margin_of(style_) + column * (panel_width_ + kBarGap),
                         tops_[i / static_cast<std::size_t>(columns_)]});
        }
    }

  private:
    static double height_of(const BarsContent::Panel& panel) {
        return kBarName + kBarRow * static_cast<double>(panel.bars.size()) + (panel.note.empty() ? 0 : 15);
    }

    void paint_panel(Canvas& canvas, const BarsContent::Panel& panel, Point at) const {
        canvas.text({at.x, at.y + 11}, fit_text(panel.name, kTextPx, panel_width_, true),
                    {.size_px = kTextPx, .is_bold = true});
        const double left = at.x + label_room_ + 6, right = at.x + panel_width_ - number_room_ - 6;
        double y = at.y + kBarName;
        for (const BarsContent::Bar& bar : panel.bars) {
            const double middle = y + kBarRow / 2;
            canvas.text({left - 6, middle}, fit_label(bar.label, kBarLabelPx, label_room_),
                        {.size_px = kBarLabelPx, .anchor = Anchor::End, .is_centred = true});
            const double share = std::clamp(std::abs(bar.value) / panel.largest, 0.0, 1.0);
            canvas.fill({left, middle - 5, right - left, 10}, look().faint_line);
            canvas.fill({left, middle - 5, share * (right - left), 10}, series_colour(bar.value < 0 ? 1 : 0));
            if (style_.shows_numbers)
                canvas.text({at.x + panel_width_, middle}, bar.number,
                            {.size_px = kBarLabelPx, .anchor = Anchor::End, .is_centred = true});
            y += kBarRow;
        }
        if (!panel.note.empty())
            canvas.text({at.x, y + 10}, fit_text(panel.note, kLabelPx - 1, panel_width_),
                        {.size_px = kLabelPx - 1, .colour = look().dim});
    }

    std::shared_ptr<const BarsContent> content_;
    FigureStyle style_;
    TitleBlock title_;
    int columns_ = 1;
    double panel_width_ = 0, label_room_ = 0, number_room_ = 0;
    std::vector<double> tops_;
};

}  // namespace

FigureContent bars_figure(BarsContent content) {
    return [shared = std::make_shared<const BarsContent>(std::move(content))](
               const FigureStyle& style) -> Result<DrawingPtr> {
        bool is_sound = !shared->panels.empty();
        for (const BarsContent::Panel& panel : shared->panels)
            is_sound &= panel.largest > 0;
        if (!is_sound)
            return fail(ErrorKind::InvalidInput, "cannot draw {}: no list of values", shared->what);
        return std::make_unique<const BarsDrawing>(shared, style);
    };
}

}  // namespace headlight
