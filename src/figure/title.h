// Title and the dim lines under it: what was measured, on what.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "figure/canvas.h"

namespace headlight {

/// A title that is laid out: one line in its natural size, in print a smaller one whose facts go on in
/// further lines.
struct TitleBlock {
    std::string what, model;
    std::vector<std::string> lines;  // of facts
    double margin = 0, title_px = 0, fact_px = 0;
    double height = 0;  // from the top edge to the first thing under the title
};

/// Nothing but a margin where the style shows no title. Empty facts are left out.
TitleBlock lay_out_title(double width, const FigureCaption& caption, const std::string& what,
                         const std::vector<std::string>& facts, const FigureStyle& style);
void draw_title(Canvas& canvas, const TitleBlock& title);

/// What must be known of a figure, under it, in as many lines as it needs.
struct CaveatBlock {
    std::vector<std::string> lines;
    double height = 0;  // 0: there is none
};
CaveatBlock lay_out_caveat(const std::string& caveat, double width);
/// `top` is its upper edge.
void draw_caveat(Canvas& canvas, const CaveatBlock& caveat, double x, double top);

/// The title as one line, for the file's metadata.
std::string title_text(const FigureCaption& caption, const std::string& what);

/// Least width of a figure so that its title has room, where the style gives no width.
inline constexpr double kLeastFigurePx = 460;

/// The width of a figure whose parts need `needed` units: the style's, or as wide as it likes.
inline double figure_width(double needed, const FigureStyle& style) {
    return style.width_mm > 0 ? style.room() : std::max(kLeastFigurePx, std::ceil(needed));
}

}  // namespace headlight
