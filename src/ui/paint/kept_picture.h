// The window's picture between frames: only what changed is painted again.
#pragma once

#include <imgui.h>

#include "base/result.h"
#include "gfx/color.h"
#include "gfx/gl_handles.h"
#include "gfx/image.h"
#include "ui/paint/changed_parts.h"

namespace headlight::ui {

class KeptPicture {
  public:
    /// Paints the parts of a frame that differ from the last one. True: there were any. Errors: of a target
    /// of that size.
    Result<bool> paint(ImDrawData& data, int width_px, int height_px, gfx::Rgba background);
    /// To the window's own buffer, which the system shows at the next swap.
    void show() const { gfx::copy_to_window(target_); }
    /// The next frame is painted whole: fonts, colours or the buffer behind the picture changed.
    void forget() { changes_.forget(); }
    /// Pixels that the last paint() cleared and drew over.
    long long num_painted() const { return num_painted_; }
    /// Row 0 is the top.
    Result<gfx::Image> read_back() const;

  private:
    void paint_parts(ImDrawData& data, const std::vector<gfx::SurfacePart>& parts);
    gfx::Framebuffer target_;
    ChangedParts changes_;
    long long num_painted_ = 0;
};

}  // namespace headlight::ui
