// Where the interface's back end draws: the window, or a picture that is read back.
#pragma once

#include <span>

#include "gfx/color.h"
#include "gfx/gl_handles.h"

namespace headlight::gfx {

/// Binds the target (null: the window's own buffer), sets the viewport and clears to `clear`.
void bind_surface(const Framebuffer* target, int width, int height, Rgba clear);

/// A part of a surface, in pixels from its top left corner.
struct SurfacePart {
    int x = 0, y = 0, width = 0, height = 0;
    bool operator==(const SurfacePart&) const = default;
};

/// Binds the target and clears only these parts; the others keep what they hold.
void bind_parts(const Framebuffer& target, std::span<const SurfacePart> parts, Rgba clear);

/// Copies the whole picture to the window's own buffer, which is as large.
void copy_to_window(const Framebuffer& picture);

}  // namespace headlight::gfx
