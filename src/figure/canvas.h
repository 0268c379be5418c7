// What a figure draws on: the same few primitives on pixels, PDF or SVG. One unit is 1/100 inch; y grows
// downwards.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/colormap.h"
#include "figure/drawing.h"
#include "figure/look.h"

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
    Rgb8 colour = look().ink;
    Anchor anchor = Anchor::Start;
    double angle_deg = 0;
    bool is_bold = false;
    bool is_centred = false;
};

struct LineStyle {
    double width = 1;
    Rgb8 colour = look().ink;
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

/// Pixels of a finished picture, or of an image that a figure shows.
struct RasterImage {
    int width = 0, height = 0;          // pixels
    std::vector<std::uint32_t> pixels;  // [height, width], 0xAARRGGBB, colours multiplied by alpha
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
    /// A picture, [height, width]; smoothed where it is made larger or smaller.
    virtual void picture(const Box& box, const RasterImage& image) = 0;
    /// Everything that follows is drawn at this offset (added to the one before), until pop_offset().
    virtual void push_offset(Point by) = 0;
    virtual void pop_offset() = 0;
    /// The bytes of the file. Call once, last.
    virtual Result<std::string> finish() = 0;
    /// Files that must lie beside it; after finish().
    virtual std::vector<FigureAttachment> attachments() { return {}; }
    /// The pixels so far; null where there are none (vector formats).
    virtual const RasterImage* raster() { return nullptr; }

    void line(Point a, Point b, const LineStyle& style) {
        const Point both[] = {a, b};
        polyline(both, style);
    }
};

inline constexpr int kMostVectorCells = 64 * 64;

/// What a canvas needs to know of its file.
struct CanvasFile {
    double width = 0, height = 0;  // units
    FigureStyle style;             // format, sizes, recipe
    std::string title;             // for the metadata
    std::string name;              // of the file, without its ending: attachments are called after it
};

/// Canvas of look().paper. Errors of the drawing library come out of finish().
std::unique_ptr<Canvas> make_canvas(const CanvasFile& file);
/// PNG canvas that starts from a picture.
std::unique_ptr<Canvas> make_canvas_on(const RasterImage& picture, const CanvasFile& file);
/// The vector formats; use make_canvas().
std::unique_ptr<Canvas> make_svg_canvas(const CanvasFile& file);
std::unique_ptr<Canvas> make_pdf_canvas(const CanvasFile& file);
std::unique_ptr<Canvas> make_pgf_canvas(const CanvasFile& file);

std::unique_ptr<Canvas> make_png_canvas(const CanvasFile& file);

/// Boxes and colours of all cells that are not paper.
void for_each_cell(const CellGrid& grid, const std::function<void(const Box&, Rgb8)>& paint);

/// "#1b1f27" and numbers with at most `decimals` decimals, without trailing zeros.
std::string hex_colour(Rgb8 colour);
std::string short_number(double value, int decimals = 2);

}  // namespace headlight
