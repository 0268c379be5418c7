// Which tokens get a label: all of them, or every k-th when there is no room; never so many that two touch.
#pragma once

#include <string>

namespace headlight {

struct LabelPlan {
    int step = 1;           // tokens 0, step, 2 step ... are labelled
    std::string statement;  // "every 5th token is labelled"; empty when all are
};

/// Labels stand every `cell_px` along their axis, turned by `angle_deg` against it (90 = upright to the
/// axis), and are `height_px` thick: neighbours are cell * sin(angle) apart. Steps are 1, 2, 5, 10, 20, 50
/// ...
LabelPlan plan_labels(int count, double cell_px, double height_px, double angle_deg);

/// Columns are labelled at this angle.
inline constexpr double kColumnAngleDeg = 55;

}  // namespace headlight
