// Title and the dim line under it: what was measured, on what.
#pragma once

#include <string>
#include <vector>

#include "figure/canvas.h"

namespace headlight {

inline constexpr double kTitleRoomPx = 54;  // from the top edge to the first thing under the title

/// "model · part · part", model cut so that it fits.
void draw_title(Canvas& canvas, double width, const FigureCaption& caption, const std::string& what,
                const std::vector<std::string>& facts);

/// The title as one line, for the file's metadata.
std::string title_text(const FigureCaption& caption, const std::string& what);

/// Least width of a figure so that its title has room.
inline constexpr double kLeastFigurePx = 460;

}  // namespace headlight
