#include "gfx/head_atlas.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "gfx/colormap_texture.h"
#include "gfx/texture_changes.h"

namespace headlight::gfx {
namespace {

// What one instance carries; the order is that of the attributes below.
struct Instance {
    float rect[4], slot[4], style[4], tint[4], frame[4], dots[AtlasTile::kMaxDots][4];
};
constexpr int kNumAttributes = 5 + AtlasTile::kMaxDots;

const ProgramInterface& atlas_interface() {
    using enum UniformType;
    static const ProgramInterface interface {
        "atlas",
            with_scale_uniforms({{"u_picture", Vec4},
                                 {"u_values", Sampler2D, 1, 0},
                                 {"u_background", Vec4},
                                 {"u_masked", Vec4},
                                 {"u_empty", Vec4},
                                 {"u_scale_factor", Float},
                                 {"u_is_signed", Int}},
                                1),
        {
            "a_rect", "a_slot", "a_style", "a_tint", "a_frame", "a_dot0", "a_dot1", "a_dot2"
        }
    };
    return interface;
}

void put(float (&out)[4], Rgba color) {
    out[0] = static_cast<float>(color.r) / 255.0f;
    out[1] = static_cast<float>(color.g) / 255.0f;
    out[2] = static_cast<float>(color.b) / 255.0f;
    out[3] = static_cast<float>(color.a) / 255.0f;
}

Instance make_instance(const HeadAtlas& atlas, const AtlasTile& tile) {
    Instance instance{};
    const auto [rows, cols] = atlas.tile_shape(tile.tile);
    const float rect[4] = {tile.x, tile.y, tile.width, tile.height};
    const float slot[4] = {static_cast<float>(tile.tile % atlas.tiles_across() * atlas.tile_size()),
                           static_cast<float>(tile.tile / atlas.tiles_across() * atlas.tile_size()),
                           static_cast<float>(cols), static_cast<float>(rows)};
    const float style[4] = {tile.value_hi, tile.opacity, 0, 0};
    std::copy_n(rect, 4, instance.rect);
    std::copy_n(slot, 4, instance.slot);
    std::copy_n(style, 4, instance.style);
    put(instance.tint, tile.tint);
    put(instance.frame, tile.frame);
    for (int i = 0; i < AtlasTile::kMaxDots; ++i)
        put(instance.dots[i], tile.dots[i]);
    return instance;
}

bool is_on_picture(const AtlasTile& tile, const AtlasRequest& request) {
    return tile.width > 0 && tile.height > 0 && tile.x < static_cast<float>(request.width_px) &&
           tile.y < static_cast<float>(request.height_px) && tile.x + tile.width > 0 &&
           tile.y + tile.height > 0;
}

std::uint64_t tile_key_of(const HeadAtlas& atlas, std::span<const AtlasTile> tiles,
                          const AtlasRequest& request, std::uint64_t shaders) {
    Hash hash;
    hash.add_all(atlas.texture().id(), atlas.generation(), shaders, request.width_px, request.height_px,
                 request.background, request.masked, request.empty, request.scale_factor, request.is_signed);
    add_scale(hash, request.scale);
    hash.add_bytes(request.colormap_rgb.data(), request.colormap_rgb.size());
    for (const AtlasTile& tile : tiles) {
        hash.add_all(tile.tile, tile.x, tile.y, tile.width, tile.height, tile.value_hi, tile.opacity,
                     tile.tint, tile.frame);
        for (const Rgba dot : tile.dots)
            hash.add(dot);
    }
    return hash.value();
}

}  // namespace

Result<HeadAtlas> HeadAtlas::make(int num_tiles, int tile_size) {
    const int most = max_texture_size();
    const int across = std::clamp(static_cast<int>(std::ceil(std::sqrt(std::max(1, num_tiles)))), 1,
                                  std::max(1, most / std::max(1, tile_size)));
    const int down = (std::max(1, num_tiles) + across - 1) / across;
    if (num_tiles < 1 || tile_size < 1 || down > most / tile_size || tile_size > most) {
        return fail(ErrorKind::Unsupported,
                    "Making an atlas of {} thumbnails of {} x {}: this graphics driver's textures have at "
                    "most {} a side, "
                    "so it can hold {}.",
                    num_tiles, tile_size, tile_size, most,
                    (most / std::max(1, tile_size)) * (most / std::max(1, tile_size)));
    }
    HeadAtlas atlas;
    atlas.tile_size_ = tile_size;
    atlas.tiles_across_ = across;
    atlas.sizes_.assign(static_cast<std::size_t>(num_tiles), {0, 0});
    HEADLIGHT_TRY(atlas.texture_, Texture::make(TexelFormat::R32F, across * tile_size, down * tile_size));
    return atlas;
}

void HeadAtlas::set_tile(int tile, int rows, int cols, std::span<const float> values) {
    if (tile < 0 || tile >= num_tiles() || rows < 1 || cols < 1 || rows > tile_size_ || cols > tile_size_ ||
        values.size() < static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols)) {
        return;  // a tile that cannot be shown keeps what it had
    }
    texture_.update(tile % tiles_across_ * tile_size_, tile / tiles_across_ * tile_size_, cols, rows,
                    values.data());
    sizes_[static_cast<std::size_t>(tile)] = {rows, cols};
    ++generation_;
}

void HeadAtlas::clear_tile(int tile) {
    if (tile < 0 || tile >= num_tiles()) return;
    sizes_[static_cast<std::size_t>(tile)] = {0, 0};
    ++generation_;
}

Result<GlId> AtlasRenderer::render(const HeadAtlas& atlas, std::span<const AtlasTile> tiles,
                                   const AtlasRequest& request) {
    if (atlas.num_tiles() == 0)
        return fail(ErrorKind::InvalidInput, "Drawing the head grid: the atlas is empty.");
    const std::uint64_t key = tile_key_of(atlas, tiles, request, shaders_->generation());
    if (key != last_key_ || !target_) {
        last_key_ = 0;
        HEADLIGHT_CHECK(draw(atlas, tiles, request));
        last_key_ = key;
        ++num_draws_;
    }
    return target_.texture().id();
}

Result<void> AtlasRenderer::draw(const HeadAtlas& atlas, std::span<const AtlasTile> tiles,
                                 const AtlasRequest& request) {
    const GlStateGuard guard;
    HEADLIGHT_TRY(const Program* program, shaders_->program(atlas_interface()));
    HEADLIGHT_CHECK(refresh_colormap(request.colormap_rgb, colormap_bytes_, colormap_));
    HEADLIGHT_CHECK(fit_target(target_, request.width_px, request.height_px));
    std::vector<Instance> instances;
    for (const AtlasTile& tile : tiles) {
        if (tile.tile < 0 || tile.tile >= atlas.num_tiles() || !is_on_picture(tile, request)) continue;
        instances.push_back(make_instance(atlas, tile));
    }
    if (vertices_.id() == 0) {
        instances_ = Buffer::make();
        std::vector<VertexAttribute> attributes;
        for (GlId i = 0; i < kNumAttributes; ++i)
            attributes.push_back({i, 4, i * sizeof(Instance::rect)});
        vertices_ = VertexArray::make_instanced(instances_, attributes, sizeof(Instance));
    }
    instances_.upload(std::as_bytes(std::span(instances)));
    atlas.texture().bind(0);
    colormap_.bind(1);

    program->use();
    set_scale(*program, request.scale);
    program->set("u_picture", static_cast<float>(request.width_px), static_cast<float>(request.height_px),
                 0.0f, 0.0f);
    program->set("u_background", request.background);
    program->set("u_masked", request.masked);
    program->set("u_empty", request.empty);
    program->set("u_scale_factor", request.scale_factor);
    program->set("u_is_signed", request.is_signed ? 1 : 0);
    vertices_.bind();
    note_texture_change(target_.texture().id());
    glBindFramebuffer(GL_FRAMEBUFFER, target_.id());
    glViewport(0, 0, target_.width(), target_.height());
    glClearColor(static_cast<float>(request.background.r) / 255.0f,
                 static_cast<float>(request.background.g) / 255.0f,
                 static_cast<float>(request.background.b) / 255.0f, 1.0f);
    glClear(GL_COLOR_BUFFER_BIT);
    glDrawArraysInstanced(GL_TRIANGLE_STRIP, 0, 4, static_cast<GLsizei>(instances.size()));
    return {};
}

Result<Image> AtlasRenderer::read_back() const {
    return read_framebuffer(target_);
}

std::vector<float> max_pool(int rows, int cols, std::span<const float> values, int most, int& out_rows,
                            int& out_cols) {
    out_rows = std::min(rows, most);
    out_cols = std::min(cols, most);
    std::vector<float> out(static_cast<std::size_t>(out_rows) * static_cast<std::size_t>(out_cols),
                           std::numeric_limits<float>::quiet_NaN());
    for (int row = 0; row < rows; ++row) {
        const int out_row = static_cast<int>(static_cast<std::int64_t>(row) * out_rows / rows);
        for (int col = 0; col < cols; ++col) {
            const float value = values[static_cast<std::size_t>(row) * static_cast<std::size_t>(cols) +
                                       static_cast<std::size_t>(col)];
            const int out_col = static_cast<int>(static_cast<std::int64_t>(col) * out_cols / cols);
            float& slot = out[static_cast<std::size_t>(out_row) * static_cast<std::size_t>(out_cols) +
                              static_cast<std::size_t>(out_col)];
            if (!(slot >= value)) slot = std::isnan(value) ? slot : value;
        }
    }
    return out;
}

}  // namespace headlight::gfx
