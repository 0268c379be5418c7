#include "figure/strokes.h"

#include <algorithm>
#include <cmath>

namespace headlight {

std::vector<Point> soft_curve(Point a, Point b) {
    const int count = std::clamp(static_cast<int>(std::abs(b.y - a.y) / 8), 12, 48);
    std::vector<Point> points;
    for (int i = 0; i <= count; ++i) {
        const double t = static_cast<double>(i) / count;
        points.push_back({a.x + t * (b.x - a.x), a.y + (b.y - a.y) * t * t * (3 - 2 * t)});
    }
    return points;
}

Rgb8 faded(Rgb8 colour, double strength) {
    const double t = std::clamp(strength, 0.0, 1.0);
    const auto mix = [t](int from, int to) {
        return static_cast<std::uint8_t>(std::lround(from + t * (to - from)));
    };
    const Rgb8 paper = look().paper;
    return {mix(paper.r, colour.r), mix(paper.g, colour.g), mix(paper.b, colour.b)};
}

void draw_ribbon(Canvas& canvas, Point a, Point b, double thickness, Rgb8 colour) {
    std::vector<Point> outline = soft_curve({a.x, a.y - thickness / 2}, {b.x, b.y - thickness / 2});
    const std::vector<Point> back = soft_curve({a.x, a.y + thickness / 2}, {b.x, b.y + thickness / 2});
    outline.insert(outline.end(), back.rbegin(), back.rend());
    canvas.polygon(outline, colour);
}

}  // namespace headlight
