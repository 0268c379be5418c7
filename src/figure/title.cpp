#include "figure/title.h"

#include <algorithm>

#include "figure/text_layout.h"

namespace headlight {
namespace {

constexpr int kMostFactLines = 4, kMostCaveatLines = 6;
constexpr double kCaveatLinePx = 13;
constexpr const char* kBetween = "  ·  ";

/// Facts one behind the other, in as many lines as they need; each cut to a line.
std::vector<std::string> wrap_facts(const std::vector<std::string>& facts, double size_px, double room,
                                    int most_lines) {
    std::vector<std::string> lines;
    for (const std::string& fact : facts) {
        if (fact.empty()) continue;
        const std::string longer = lines.empty() ? fact : lines.back() + kBetween + fact;
        const bool goes_on = !lines.empty() && (static_cast<int>(lines.size()) == most_lines ||
                                                text_width(longer, size_px) <= room);
        if (goes_on)
            lines.back() = longer;
        else
            lines.push_back(fact);
    }
    for (std::string& line : lines)
        line = fit_text(line, size_px, room);
    return lines;
}

}  // namespace

TitleBlock lay_out_title(double width, const FigureCaption& caption, const std::string& what,
                         const std::vector<std::string>& facts, const FigureStyle& style) {
    const bool is_print = style.width_mm > 0;
    TitleBlock out;
    out.margin = margin_of(style);
    out.height = out.margin;
    if (!style.shows_title) return out;
    out.title_px = is_print ? kTextPx : kTitlePx;
    out.fact_px = is_print ? 9 : kTextPx;
    const double room = width - 2 * out.margin;
    out.what = fit_text(what, out.title_px, room, true);
    const double left = room - text_width(out.what, out.title_px, true) - 10;
    if (left >= 40) out.model = fit_text(caption.model, out.title_px, left);
    out.lines = wrap_facts(facts, out.fact_px, room, is_print ? kMostFactLines : 1);
    const double lines = std::max<double>(is_print ? 0 : 1, static_cast<double>(out.lines.size()));
    out.height = is_print ? out.margin + out.title_px * 1.1 + lines * out.fact_px * 1.25 + 5
                          : out.margin + 20 + lines * 18;  // 54
    return out;
}

void draw_title(Canvas& canvas, const TitleBlock& title) {
    if (title.what.empty()) return;
    const double baseline = title.margin + title.title_px * 0.75;
    canvas.text({title.margin, baseline}, title.what, {.size_px = title.title_px, .is_bold = true});
    const double what_width = text_width(title.what, title.title_px, true);
    canvas.text({title.margin + what_width + 10, baseline}, title.model,
                {.size_px = title.title_px, .colour = look().dim});
    const bool is_print = title.title_px < kTitlePx;
    double y = baseline + (is_print ? title.fact_px * 1.3 : 18);
    for (const std::string& line : title.lines) {
        canvas.text({title.margin, y}, line, {.size_px = title.fact_px, .colour = look().dim});
        y += title.fact_px * 1.25;
    }
}

CaveatBlock lay_out_caveat(const std::string& caveat, double width) {
    CaveatBlock out;
    if (caveat.empty()) return out;
    out.lines = wrap_text(caveat, kLabelPx, width, kMostCaveatLines);
    out.height = 4 + static_cast<double>(out.lines.size()) * kCaveatLinePx;
    return out;
}

void draw_caveat(Canvas& canvas, const CaveatBlock& caveat, double x, double top) {
    for (const std::string& line : caveat.lines) {
        top += kCaveatLinePx;
        canvas.text({x, top - 2}, line, {.size_px = kLabelPx, .colour = look().dim});
    }
}

std::string title_text(const FigureCaption& caption, const std::string& what) {
    return caption.model + ", " + what;
}

}  // namespace headlight
