// Primitives that PNG and PDF share: both are Cairo surfaces.
#pragma once

#include <cairo.h>

#include "figure/canvas.h"

namespace headlight {

class CairoCanvas : public Canvas {
  public:
    ~CairoCanvas() override;
    CairoCanvas(const CairoCanvas&) = delete;
    CairoCanvas& operator=(const CairoCanvas&) = delete;

    void fill(const Box& box, Rgb8 colour) override;
    void frame(const Box& box, const LineStyle& style) override;
    void polyline(std::span<const Point> points, const LineStyle& style) override;
    void polygon(std::span<const Point> points, Rgb8 colour) override;
    void text(Point at, std::string_view text, const TextStyle& style) override;
    void picture(const Box& box, const RasterImage& image) override;
    void push_offset(Point by) override;
    void pop_offset() override;

  protected:
    CairoCanvas() = default;
    /// Takes the surface over and scales units to it.
    void attach(cairo_surface_t* surface, double scale);
    void set_colour(Rgb8 colour);
    /// Paints an image over a box; not smoothed: pixels stay cells.
    void paint_image(const Box& box, const RasterImage& image, bool is_smooth);
    /// Ends drawing. Errors: OutOfMemory, Internal with Cairo's words.
    Status close();

    cairo_surface_t* surface_ = nullptr;
    cairo_t* cairo_ = nullptr;
    double scale_ = 1;
    std::vector<Point> offsets_;
    Point offset() const;  // of what is drawn now
};

}  // namespace headlight
