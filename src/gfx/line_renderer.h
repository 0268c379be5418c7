// Draws many curves between two columns into a texture, a few thousand a frame: the picture before stays
// until the next one is whole, so no frame waits for it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "gfx/color.h"
#include "gfx/gl_handles.h"
#include "gfx/image.h"
#include "gfx/shader_library.h"

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
    explicit LineRenderer(ShaderLibrary& shaders) : shaders_(&shaders) {}

    /// Begins a picture; later curves lie on top. What an earlier one had not drawn yet is forgotten.
    void start(std::vector<LineCurve> curves, const LinePicture& picture);
    /// Draws up to `most` curves more. True once all are drawn and texture() is the new picture. Errors: of
    /// the shader or of the target's size.
    Result<bool> advance(int most);
    bool is_drawing() const { return is_drawing_; }
    bool has_picture() const { return static_cast<bool>(targets_[front_]); }
    /// The last whole picture (row 0 is the top).
    GlId texture() const { return targets_[front_].texture().id(); }
    /// Reads it back.
    Result<Image> read_back() const;

  private:
    Status draw(std::span<const LineCurve> curves, bool clears);
    ShaderLibrary* shaders_;
    std::array<Framebuffer, 2> targets_;
    std::size_t front_ = 0;
    Buffer instances_;
    VertexArray vertices_;
    std::vector<LineCurve> curves_;
    LinePicture picture_;
    std::size_t next_ = 0;
    bool is_drawing_ = false;
};

}  // namespace headlight::gfx
