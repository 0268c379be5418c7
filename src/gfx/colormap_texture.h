// A colour map as a texture, uploaded again only when its bytes change; and the scale's part of a program's
// interface.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "gfx/gl_handles.h"
#include "gfx/hash.h"
#include "gfx/heatmap_renderer.h"
#include "gfx/program.h"

namespace headlight::gfx {

/// Errors: InvalidInput when there are no whole entries of 3 bytes, or fewer than 2.
Status refresh_colormap(std::span<const std::uint8_t> rgb, std::vector<std::uint8_t>& kept, Texture& texture);

/// What include/value_scale.glsl declares; the colour map is on texture unit `unit`.
std::vector<UniformDecl> with_scale_uniforms(std::vector<UniformDecl> uniforms, int unit);
void set_scale(const Program& program, const ValueScale& scale);
void add_scale(Hash& hash, const ValueScale& scale);

/// Makes `target` exactly this large. Errors: as Framebuffer::make.
Status fit_target(Framebuffer& target, int width_px, int height_px);

}  // namespace headlight::gfx
