#include "figure/label_plan.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

namespace headlight {
namespace {

const char* ordinal_suffix(int number) {
    if (number % 100 >= 11 && number % 100 <= 13) return "th";
    switch (number % 10) {
        case 1:
            return "st";
        case 2:
            return "nd";
        case 3:
            return "rd";
        default:
            return "th";
    }
}

int next_step(int step) {
    int leading = step;
    while (leading >= 10)
        leading /= 10;
    return leading == 2 ? step / 2 * 5 : step * 2;  // 1, 2, 5, 10, 20, 50
}

}  // namespace

LabelPlan plan_labels(int count, double cell_px, double height_px, double angle_deg) {
    const double distance = cell_px * std::sin(angle_deg * std::numbers::pi / 180);
    LabelPlan plan;
    while (plan.step < count && plan.step * distance < height_px)
        plan.step = next_step(plan.step);
    if (plan.step > 1) {
        plan.statement = fmt::format("every {}{} token is labelled", plan.step, ordinal_suffix(plan.step));
    }
    return plan;
}

}  // namespace headlight
