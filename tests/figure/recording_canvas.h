// A canvas that keeps where things are drawn, so that tests can ask what stands where.
#pragma once

#include <cmath>

#include "figure/canvas.h"
#include "figure/text_layout.h"

namespace headlight::test {

/// Text that was drawn: its box in its own turned frame, and around it on the page.
struct DrawnText {
    std::string text;
    Box page;
    double angle_deg = 0, size_px = 0;
};

/// Keeps what is drawn instead of drawing it.
class RecordingCanvas final : public Canvas {
  public:
    void fill(const Box& box, Rgb8) override { add(box); }
    void frame(const Box& box, const LineStyle&) override { add(box); }
    void polyline(std::span<const Point> points, const LineStyle&) override { add(points); }
    void polygon(std::span<const Point> points, Rgb8) override { add(points); }
    void text(Point at, std::string_view text, const TextStyle& style) override {
        if (text.empty()) return;
        const double width = text_width(text, style.size_px, style.is_bold);
        const double left = style.anchor == Anchor::Start    ? 0
                            : style.anchor == Anchor::Middle ? -width / 2
                                                             : -width;
        const double drop = style.is_centred ? kHalfCapital * style.size_px : 0;
        const double angle = style.angle_deg * 3.14159265358979 / 180;
        Box box{1e9, 1e9, -1e9, -1e9};
        for (const double along : {left, left + width}) {
            for (const double up : {0.72 * style.size_px - drop, -0.2 * style.size_px - drop}) {
                const double x = at.x + along * std::cos(angle) - up * std::sin(angle) + by_.x;
                const double y = at.y - along * std::sin(angle) - up * std::cos(angle) + by_.y;
                box.x = std::min(box.x, x), box.y = std::min(box.y, y);
                box.width = std::max(box.width, x), box.height = std::max(box.height, y);
            }
        }
        texts.push_back({std::string(text),
                         {box.x, box.y, box.width - box.x, box.height - box.y},
                         style.angle_deg,
                         style.size_px});
    }
    void cells(const CellGrid& grid) override { add(grid.box); }
    void picture(const Box& box, const RasterImage&) override { add(box); }
    void push_offset(Point by) override { offsets_.push_back(by), by_ = {by_.x + by.x, by_.y + by.y}; }
    void pop_offset() override {
        by_ = {by_.x - offsets_.back().x, by_.y - offsets_.back().y};
        offsets_.pop_back();
    }
    Result<std::string> finish() override { return std::string(); }

    std::vector<DrawnText> texts;
    Box bounds{1e9, 1e9, -1e9, -1e9};  // left, top, right, bottom of everything else

  private:
    void add(const Box& box) {
        const Point corners[] = {{box.x, box.y}, {box.right(), box.bottom()}};
        add(corners);
    }
    void add(std::span<const Point> points) {
        for (const Point& p : points) {
            bounds.x = std::min(bounds.x, p.x + by_.x), bounds.y = std::min(bounds.y, p.y + by_.y);
            bounds.width = std::max(bounds.width, p.x + by_.x),
            bounds.height = std::max(bounds.height, p.y + by_.y);
        }
    }
    std::vector<Point> offsets_;
    Point by_;
};

}  // namespace headlight::test
