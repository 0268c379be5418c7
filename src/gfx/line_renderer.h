// Draws many curves between two columns into a texture, for a few milliseconds a frame: the picture before
// stays until the next one is whole, so no frame waits for it. Curves rise evenly from column to column, so
// they are drawn here column by column: a graphics driver in software takes twenty times as long for their
// thin triangles.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "gfx/color.h"
#include "gfx/gl_handles.h"
#include "gfx/image.h"

namespace headlight::gfx {

/// Leaves the left edge horizontally at `from` and reaches the right edge horizontally at `to` (pixels down).
struct LineCurve {
    float from = 0, to = 0;
    float width_px = 1;
    bool is_dashed = false;
    Rgba color;  // its alpha is the opacity
};

struct LinePicture {
    int width_px = 0, height_px = 0;
    Rgba background;
    float dash_px = 6;  // of dashed curves, and as much between
};

class LineRenderer {
  public:
    /// Begins a picture; later curves lie on top. What an earlier one had not drawn yet is forgotten.
    void start(std::vector<LineCurve> curves, const LinePicture& picture);
    /// Draws on for about `budget_ms`. True once all is drawn and texture() is the new picture. Errors: of
    /// the texture's size.
    Result<bool> advance(double budget_ms);
    bool is_drawing() const { return is_drawing_; }
    bool has_picture() const { return static_cast<bool>(texture_); }
    /// The last whole picture (row 0 is the top).
    GlId texture() const { return texture_.id(); }
    /// The same on the CPU.
    const Image& image() const { return shown_; }

  private:
    void draw(const LineCurve& curve);
    Status upload();
    Texture texture_;
    Image drawn_, shown_;  // what is being drawn; what the texture holds
    std::vector<LineCurve> curves_;
    LinePicture picture_;
    std::vector<float> rise_, slope_;  // [width] share of the rise at a column's middle, and its derivative
    std::size_t next_ = 0;
    bool is_drawing_ = false;
};

}  // namespace headlight::gfx
