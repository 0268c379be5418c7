#include "figure/panels.h"

#include <algorithm>
#include <cmath>

#include "figure/canvas.h"
#include "figure/text_layout.h"

namespace headlight {
namespace {

constexpr double kPanelRowGap = 12, kPanelColumnGap = 14, kLetterPx = 12, kLetterRoom = 17, kPageMargin = 12;

/// Where a drawing stands on the page.
struct Placed {
    DrawingPtr drawing;
    Point at;
    std::string letter;  // over it; empty: none
};

class PageDrawing final : public Drawing {
  public:
    void paint_content(Canvas& canvas) const override {
        for (const Placed& placed : parts) {
            if (!placed.letter.empty())
                canvas.text({placed.at.x + 2, placed.at.y - 5}, placed.letter,
                            {.size_px = kLetterPx, .is_bold = true});
            canvas.push_offset(placed.at);
            placed.drawing->paint(canvas);
            canvas.pop_offset();
        }
    }

    std::vector<Placed> parts;
};

/// `rows` of panels share the height.
FigureStyle with_room(const FigureStyle& style, double units, int rows = 1) {
    FigureStyle out = style;
    out.width_mm = units * style.unit_pt() * 25.4 / 72;
    out.height_mm = style.height_mm / rows;
    return out;
}

/// All panels one by one, letters over them, rows of style.panel_columns. Without a width each is as wide as
/// it likes.
Result<DrawingPtr> lay_out_panels(std::span<const FigureContent> panels, const FigureStyle& style) {
    if (panels.size() == 1) return panels.front()(style);
    const int columns = std::clamp(style.panel_columns, 1, static_cast<int>(panels.size()));
    const double room = style.room();
    const int rows = (static_cast<int>(panels.size()) + columns - 1) / columns;
    const FigureStyle one =
        room > 0 ? with_room(style, (room - (columns - 1) * kPanelColumnGap) / columns, rows) : style;
    auto page = std::make_unique<PageDrawing>();
    const double letters = style.has_letters ? kLetterRoom : 0;
    double x = 0, y = 0, row_height = 0;
    for (std::size_t i = 0; i < panels.size(); ++i) {
        if (i > 0 && i % static_cast<std::size_t>(columns) == 0) {
            y += row_height + kPanelRowGap;
            x = row_height = 0;
        }
        HEADLIGHT_TRY(DrawingPtr drawing, panels[i](one));
        page->title += (i == 0 ? "" : "; ") + drawing->title;
        row_height = std::max(row_height, letters + drawing->height);
        page->width = std::max(page->width, x + drawing->width);
        page->height = std::max(page->height, y + row_height);
        const double next = x + drawing->width + kPanelColumnGap;
        std::string letter = style.has_letters ? std::string("(") + static_cast<char>('a' + i) + ")" : "";
        page->parts.push_back({std::move(drawing), {x, y + letters}, std::move(letter)});
        x = next;
    }
    if (room > 0) page->width = room;
    return page;
}

/// The widest layout of at most `width` whose height fits; higher than `height` where none does.
Result<DrawingPtr> fit_panels(std::span<const FigureContent> panels, const FigureStyle& style, double width,
                              double height) {
    HEADLIGHT_TRY(DrawingPtr drawing, lay_out_panels(panels, with_room(style, width)));
    if (drawing->height <= height) return drawing;
    double low = 0.15, high = 1;
    for (int i = 0; i < 12; ++i) {
        const double share = (low + high) / 2;
        HEADLIGHT_TRY(drawing, lay_out_panels(panels, with_room(style, share * width)));
        (drawing->height <= height ? low : high) = share;
    }
    return lay_out_panels(panels, with_room(style, low * width));
}

}  // namespace

Result<DrawingPtr> lay_out_page(std::span<const FigureContent> panels, const FigureStyle& style) {
    if (panels.empty() || panels.size() > 26)
        return fail(ErrorKind::InvalidInput, "a figure has 1 to 26 panels, not {}", panels.size());
    if (style.height_mm <= 0) return lay_out_panels(panels, style);
    // The widest layout whose height fits; what is higher even then is refused rather than cut.
    const double page_width = style.room() > 0 ? style.room() : style.height_room() * 16 / 9;
    const double inner_width = page_width - 2 * kPageMargin,
                 page_height = style.height_room() - 2 * kPageMargin;
    FigureStyle inner = style;
    inner.height_mm = page_height * style.unit_pt() * 25.4 / 72;
    HEADLIGHT_TRY(DrawingPtr drawing, fit_panels(panels, inner, inner_width, page_height));
    // Panels that do not fit under each other may fit side by side.
    while (drawing->height > page_height && inner.panel_columns < static_cast<int>(panels.size())) {
        ++inner.panel_columns;
        HEADLIGHT_TRY(drawing, fit_panels(panels, inner, inner_width, page_height));
    }
    if (drawing->height > page_height)
        return fail(ErrorKind::InvalidInput,
                    "the figure does not fit into {:g} mm of height at {:.1f} pt: show fewer heads, tokens "
                    "or panels, "
                    "or take a smaller --font-size",
                    style.height_mm, style.unit_pt() * 11);
    auto page = std::make_unique<PageDrawing>();
    page->width = page_width;
    page->height = page_height + 2 * kPageMargin;
    page->title = drawing->title;
    const Point at{(page_width - drawing->width) / 2, kPageMargin + (page_height - drawing->height) / 2};
    page->parts.push_back({std::move(drawing), at, {}});
    return page;
}

}  // namespace headlight
