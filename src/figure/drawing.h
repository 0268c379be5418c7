// A figure before it is a file: what it shows (FigureContent) is laid out for a style, which gives a Drawing,
// which paints itself on a canvas. Several make one file of panels.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "figure/figure.h"

namespace headlight {

class Canvas;
struct RasterImage;

/// Laid out. Lengths are units: 1/100 inch where the base text has its natural size (kTextPx = 7.92 pt); a
/// style with another font size scales everything.
class Drawing {
  public:
    virtual ~Drawing() = default;
    double width = 0, height = 0;
    std::string title;  // one line, for the file's metadata and captions
    /// From (0, 0). The same look() must be in force as when it was laid out.
    void paint(Canvas& canvas) const {
        paint_frame(canvas);
        paint_content(canvas);
    }
    /// What many figures have in common (labels, axes), painted first; frame_key() is everything that it
    /// depends on, so that it is painted once for hundreds of pixel pictures. Empty: nothing is shared.
    virtual std::string frame_key() const { return {}; }
    virtual void paint_frame(Canvas&) const {}
    virtual void paint_content(Canvas& canvas) const = 0;
};
using DrawingPtr = std::unique_ptr<const Drawing>;

/// Lays a figure out at style.room() units (0: as wide as it likes). Owns what it shows, so that it can be
/// laid out again; safe from several threads. Errors: InvalidInput (sizes that do not fit together).
using FigureContent = std::function<Result<DrawingPtr>(const FigureStyle& style)>;

/// A file beside the figure that it needs (pgf: pictures of many cells).
struct FigureAttachment {
    std::string name;  // without a folder
    std::string bytes;
};

struct FigureFile {
    std::string bytes;
    std::vector<FigureAttachment> attachments;
    std::string title;
    double width_mm = 0, height_mm = 0;
};

/// One figure, or panels with letters (a), (b) ... in rows of at most style.panel_columns. `name` is the
/// file's name without its ending; attachments are called after it. The same input gives the same bytes.
Result<FigureFile> render_figure(std::span<const FigureContent> panels, const FigureStyle& style,
                                 const std::string& name = "figure");

/// The same as pixels, for a preview; style.format is not used. Paper is opaque unless the style is
/// transparent.
Result<RasterImage> preview_figure(std::span<const FigureContent> panels, const FigureStyle& style);

/// Renders and writes, attachments first.
Status write_figure(const std::string& path, std::span<const FigureContent> panels, const FigureStyle& style);
inline Status write_figure(const std::string& path, const FigureContent& figure, const FigureStyle& style) {
    return write_figure(path, std::span(&figure, 1), style);
}

}  // namespace headlight
