// When textures last changed, so that what was drawn from one that did not is not drawn again, and what
// filling them took. For the GL thread.
#pragma once

#include <cstdint>

#include "gfx/gl_handles.h"

namespace headlight::gfx {

/// A number that no other content of a texture has had, also not of one whose name GL gives out again. 0: it
/// was not made by gfx.
std::uint64_t texture_stamp(GlId texture);

/// What is drawn from this texture looks different from now on. Texture says so by itself; for those that are
/// drawn into.
void note_texture_change(GlId texture);

/// As Texture::update() of a 2-D texture, for a part that nothing was drawn from yet: what was drawn from the
/// others stays good.
void fill_unused(const Texture& texture, int x, int y, int width, int height, const void* texels);

/// Milliseconds that textures were filled for, since the program began.
double texture_upload_ms();

}  // namespace headlight::gfx
