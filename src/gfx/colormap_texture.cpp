#include "gfx/colormap_texture.h"

#include <algorithm>
#include <cmath>

namespace headlight::gfx {

Status refresh_colormap(std::span<const std::uint8_t> rgb, std::vector<std::uint8_t>& kept,
                        Texture& texture) {
    if (rgb.size() < 6 || rgb.size() % 3 != 0) {
        return fail(ErrorKind::InvalidInput,
                    "Uploading a colour map of {} bytes: expected 3 a colour, 2 colours or more.",
                    rgb.size());
    }
    if (texture && std::equal(rgb.begin(), rgb.end(), kept.begin(), kept.end())) return {};
    HEADLIGHT_TRY(texture, Texture::make(TexelFormat::RGB8, static_cast<int>(rgb.size() / 3), 1, rgb.data()));
    kept.assign(rgb.begin(), rgb.end());
    return {};
}

std::vector<UniformDecl> with_scale_uniforms(std::vector<UniformDecl> uniforms, int unit) {
    uniforms.push_back({"u_scale", UniformType::Vec4});
    uniforms.push_back({"u_is_log", UniformType::Int});
    uniforms.push_back({"u_colormap", UniformType::Sampler2D, 1, unit});
    return uniforms;
}

void set_scale(const Program& program, const ValueScale& scale) {
    program.set("u_scale", scale.lo, scale.hi, scale.gamma, scale.log_floor);
    program.set("u_is_log", scale.is_log ? 1 : 0);
}

void add_scale(Hash& hash, const ValueScale& scale) {
    hash.add_all(scale.lo, scale.hi, scale.gamma, scale.is_log, scale.log_floor);
}

Status fit_target(Framebuffer& target, int width_px, int height_px) {
    if (target && target.width() == width_px && target.height() == height_px) return {};
    HEADLIGHT_TRY(target, Framebuffer::make(width_px, height_px));
    return {};
}

Rgba color_of_value(float value, const ValueScale& scale, std::span<const std::uint8_t> colormap_rgb) {
    float t = 0;
    if (scale.is_log) {
        const float bottom = std::max(scale.lo, scale.log_floor);
        if (value > bottom)
            t = std::log(value / bottom) / std::log(std::max(scale.hi, bottom * 1.000001f) / bottom);
    } else {
        t = (value - scale.lo) / std::max(scale.hi - scale.lo, 1e-30f);
    }
    t = std::pow(std::clamp(t, 0.0f, 1.0f), scale.gamma);
    const auto last = colormap_rgb.size() / 3 - 1;
    const auto entry = static_cast<std::size_t>(t * static_cast<float>(last) + 0.5f) * 3;
    return {colormap_rgb[entry], colormap_rgb[entry + 1], colormap_rgb[entry + 2], 255};
}

}  // namespace headlight::gfx
