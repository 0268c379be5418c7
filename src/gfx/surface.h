// Where the interface's back end draws: the window, or a picture that is read back.
#pragma once

#include "gfx/color.h"
#include "gfx/gl_handles.h"

namespace headlight::gfx {

/// Binds the target (null: the window's own buffer), sets the viewport and clears to `clear`.
void bind_surface(const Framebuffer* target, int width, int height, Rgba clear);

}  // namespace headlight::gfx
