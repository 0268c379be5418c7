// What drawings of lines and ribbons share: soft curves, and colours that fade into the paper.
#pragma once

#include <vector>

#include "figure/canvas.h"

namespace headlight {

/// From a to b, level at both ends; [12] points and more where it is steep.
std::vector<Point> soft_curve(Point a, Point b);

/// `strength` 0: the paper, 1: the colour.
Rgb8 faded(Rgb8 colour, double strength);

/// A ribbon along a soft curve, `thickness` high at both ends.
void draw_ribbon(Canvas& canvas, Point a, Point b, double thickness, Rgb8 colour);

}  // namespace headlight
