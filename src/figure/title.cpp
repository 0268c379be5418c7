#include "figure/title.h"

#include <algorithm>

#include "figure/text_layout.h"

namespace headlight {

void draw_title(Canvas& canvas, double width, const FigureCaption& caption, const std::string& what,
                const std::vector<std::string>& facts) {
    const double room = width - 2 * kMarginPx;
    const std::string tail = "  " + what;
    const double tail_width = text_width(tail, kTitlePx, true);
    const std::string model = fit_text(caption.model, kTitlePx, std::max(40.0, room - tail_width), true);
    const double baseline = kMarginPx + kTitlePx * 0.75;
    canvas.text({kMarginPx, baseline}, what, {.size_px = kTitlePx, .is_bold = true});
    const double what_width = text_width(what, kTitlePx, true);
    canvas.text({kMarginPx + what_width + 10, baseline}, model, {.size_px = kTitlePx, .colour = kDim});
    std::string line;
    for (const std::string& fact : facts) {
        if (fact.empty()) continue;
        line += (line.empty() ? "" : "  ·  ") + fact;
    }
    canvas.text({kMarginPx, baseline + 18}, fit_text(line, kTextPx, room),
                {.size_px = kTextPx, .colour = kDim});
}

std::string title_text(const FigureCaption& caption, const std::string& what) {
    return caption.model + ", " + what;
}

}  // namespace headlight
