// Thumbnails of many heads in one texture, drawn with one instanced call.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "gfx/color.h"
#include "gfx/gl_handles.h"
#include "gfx/heatmap_renderer.h"
#include "gfx/image.h"
#include "gfx/shader_library.h"

namespace headlight::gfx {

/// `num_tiles` slots of up to tile_size x tile_size floats. NaN marks a structural zero.
class HeadAtlas {
  public:
    HeadAtlas() = default;
    /// Errors: Unsupported when the slots do not fit the driver's largest texture (both sizes are named).
    static Result<HeadAtlas> make(int num_tiles, int tile_size = 64);

    /// Puts [rows, cols] values (each <= tile_size) into a slot. Larger matrices: shrink them with max_pool
    /// first.
    void set_tile(int tile, int rows, int cols, std::span<const float> values);
    /// A slot without values draws as `empty`.
    void clear_tile(int tile);

    int num_tiles() const { return static_cast<int>(sizes_.size()); }
    int tile_size() const { return tile_size_; }
    int tiles_across() const { return tiles_across_; }
    /// rows, cols of a slot; 0, 0 when empty.
    std::pair<int, int> tile_shape(int tile) const { return sizes_[static_cast<std::size_t>(tile)]; }
    const Texture& texture() const { return texture_; }
    /// Changes with every set or clear: the renderer caches by it.
    std::uint64_t generation() const { return generation_; }

  private:
    Texture texture_;
    std::vector<std::pair<int, int>> sizes_;
    int tile_size_ = 64, tiles_across_ = 1;
    std::uint64_t generation_ = 0;
};

/// One thumbnail to draw: where (pixels of the picture, y down) and how.
struct AtlasTile {
    static constexpr int kMaxDots = 3;
    int tile = 0;
    float x = 0, y = 0, width = 0, height = 0;
    float value_hi = 1;        // value that gets the last colour; ValueScale gives the rest
    float opacity = 1;         // below 1: filtered out
    Rgba tint;                 // laid over the thumbnail by its alpha (metric tint)
    Rgba frame;                // alpha 0: none
    Rgba dots[kMaxDots] = {};  // tags, from the top right corner leftwards; alpha 0: none
    bool operator==(const AtlasTile&) const = default;
};

struct AtlasRequest {
    int width_px = 0, height_px = 0;
    ValueScale scale;                            // hi is replaced by each tile's value_hi
    std::span<const std::uint8_t> colormap_rgb;  // 3 bytes an entry
    bool is_signed = false;                      // differences: pixels show the value farthest from zero
    Rgba background;                             // between thumbnails
    Rgba masked;                                 // structural zeros
    Rgba empty;                                  // thumbnails that have no values yet
    float scale_factor = 1;                      // of the monitor: frames and dots grow with it
};

class AtlasRenderer {
  public:
    explicit AtlasRenderer(ShaderLibrary& shaders) : shaders_(&shaders) {}

    /// Draws if anything changed and returns the texture (row 0 is the top). Tiles outside the picture cost
    /// nothing.
    Result<GlId> render(const HeadAtlas& atlas, std::span<const AtlasTile> tiles,
                        const AtlasRequest& request);
    int num_draws() const { return num_draws_; }
    Result<Image> read_back() const;

  private:
    Result<void> draw(const HeadAtlas& atlas, std::span<const AtlasTile> tiles, const AtlasRequest& request);
    ShaderLibrary* shaders_;
    Framebuffer target_;
    Texture colormap_;
    std::vector<std::uint8_t> colormap_bytes_;
    Buffer instances_;
    VertexArray vertices_;
    std::uint64_t last_key_ = 0;
    int num_draws_ = 0;
};

/// Shrinks [rows, cols] to at most [most, most] by the maximum over equal blocks (NaN only where all are
/// NaN). Returns the shrunk values and sets `out_rows`, `out_cols`.
std::vector<float> max_pool(int rows, int cols, std::span<const float> values, int most, int& out_rows,
                            int& out_cols);

}  // namespace headlight::gfx
