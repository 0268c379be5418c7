// Several figures on one page, each under its letter; and one that is fitted into a page of a given height.
#pragma once

#include "figure/drawing.h"

namespace headlight {

/// Lays out one figure, or several as panels, at the style's width and height. look() must be in force.
/// Errors: those of the figures; InvalidInput (none, or more than 26).
Result<DrawingPtr> lay_out_page(std::span<const FigureContent> panels, const FigureStyle& style);

}  // namespace headlight
