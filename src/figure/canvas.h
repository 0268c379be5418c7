// What a figure draws on: the same few primitives on pixels, PDF or SVG. One unit is 1/100 inch; y grows
// downwards.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/colormap.h"
#include "figure/figure.h"
#include "figure/palette.h"

namespace headlight {

struct Point {
    double x = 0, y = 0;
};

struct Box {
    double x = 0, y = 0, width = 0, height = 0;
    double right() const { return x + width; }
    double bottom() const { return y + height; }
};

enum class Anchor { Start, Middle, End };

/// `angle_deg` turns counter-clockwise around the anchor point. The point lies on the baseline, or, when
/// `is_centred`, at half the height of the capitals.
struct TextStyle {
    double size_px = kTextPx;
    Rgb8 colour = kInk;
    Anchor anchor = Anchor::Start;
    double angle_deg = 0;
    bool is_bold = false;
    bool is_centred = false;
};

struct LineStyle {
    double width = 1;
    Rgb8 colour = kInk;
    bool is_dashed = false;
};

/// Half the height of capitals, as a share of the font size (the figure font's own measure).
inline constexpr double kHalfCapital = 0.36;

/// A matrix of coloured cells; all cells have the same size, `gap` of each (right and bottom) stays paper.
struct CellGrid {
    Box box;
    int rows = 0, cols = 0;
    std::span<const Rgb8> colours;  // [rows, cols]
    double gap = 0;
};

/// A finished picture that other figures can start from.
struct RasterImage {
    int width = 0, height = 0;          // pixels
    std::vector<std::uint32_t> pixels;  // [height, width], 0xXXRRGGBB
};

class Canvas {
  public:
    virtual ~Canvas() = default;
    virtual void fill(const Box& box, Rgb8 colour) = 0;
    virtual void frame(const Box& box, const LineStyle& style) = 0;
    virtual void polyline(std::span<const Point> points, const LineStyle& style) = 0;
    virtual void polygon(std::span<const Point> points, Rgb8 colour) = 0;
    virtual void text(Point at, std::string_view text, const TextStyle& style) = 0;
    /// Cells as vectors while there are at most kMostVectorCells, else as one image without smoothing.
    virtual void cells(const CellGrid& grid) = 0;
    /// The bytes of the file. Call once, last.
    virtual Result<std::string> finish() = 0;
    /// The pixels so far; null where there are none (vector formats).
    virtual const RasterImage* raster() { return nullptr; }

    void line(Point a, Point b, const LineStyle& style) {
        const Point both[] = {a, b};
        polyline(both, style);
    }
};

inline constexpr int kMostVectorCells = 64 * 64;

/// White canvas of this size in units. Errors of the drawing library come out of finish().
std::unique_ptr<Canvas> make_canvas(double width, double height, const FigureStyle& style,
                                    std::string_view title);
/// PNG canvas that starts from a picture.
std::unique_ptr<Canvas> make_canvas_on(const RasterImage& picture, const FigureStyle& style);
/// The two vector formats; use make_canvas().
std::unique_ptr<Canvas> make_svg_canvas(double width, double height, std::string_view title);
std::unique_ptr<Canvas> make_pdf_canvas(double width, double height, std::string_view title);

/// Finishes the canvas and writes the file in one step.
Status write_canvas(Canvas& canvas, const std::string& path);

}  // namespace headlight
