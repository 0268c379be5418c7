// Draws a HeatmapMatrix into a texture. Cost follows pixels, not cells; nothing is drawn when nothing
// changed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "gfx/color.h"
#include "gfx/gl_handles.h"
#include "gfx/heatmap_matrix.h"
#include "gfx/image.h"
#include "gfx/shader_library.h"

namespace headlight::gfx {

/// How a value becomes a colour: t = clamp((v - lo) / (hi - lo)), or by logarithms, then t^gamma into the
/// table.
struct ValueScale {
    float lo = 0, hi = 1;
    float gamma = 0.6f;
    bool is_log = false;
    float log_floor = 1e-4f;  // with is_log: values at or below max(lo, log_floor) get the first colour
    bool operator==(const ValueScale&) const = default;
};

/// The part of the matrix that fills the picture, in cells; may reach beyond the matrix.
struct CellRect {
    double col = 0, row = 0, cols = 1, rows = 1;
    bool operator==(const CellRect&) const = default;
};

/// A frame around cells [row, row + rows) x [col, col + cols), `width_px` inside their edge; or, with
/// `is_fill`, a tint.
struct HeatmapFrame {
    int row = 0, col = 0, rows = 1, cols = 1;
    Rgba color;
    float width_px = 1.5f;
    bool is_fill = false;
    bool operator==(const HeatmapFrame&) const = default;
};

/// Extreme: the value farthest from zero, for differences.
enum class Pooling { Max, Mean, Extreme };

struct HeatmapRequest {
    static constexpr int kMaxFrames = 16;
    int width_px = 0, height_px = 0;
    CellRect visible;
    ValueScale scale;
    Pooling pooling = Pooling::Max;
    std::span<const std::uint8_t> colormap_rgb;  // 3 bytes an entry, first entry for t = 0
    Rgba masked;                                 // structural zeros
    Rgba outside;                                // beyond the matrix
    Rgba grid;                                   // cell lines; they fade in between 6 and 12 px a cell
    float scale_factor = 1;                      // of the monitor: line widths and fade limits grow with it
    std::vector<HeatmapFrame> frames;            // at most kMaxFrames; later ones lie on top
};

class HeatmapRenderer {
  public:
    explicit HeatmapRenderer(ShaderLibrary& shaders) : shaders_(&shaders) {}

    /// Draws if anything differs from the last call and returns the texture (row 0 is the top). Valid until
    /// the next call. Errors: of the shader or of the target's size.
    Result<GlId> render(const HeatmapMatrix& matrix, const HeatmapRequest& request);

    /// How many cells a side fall into one pixel at the last render (1 when cells are at least a pixel): for
    /// the badge.
    float cells_per_pixel() const { return cells_per_pixel_; }
    /// How often render() drew anew; for tests of the cache.
    int num_draws() const { return num_draws_; }
    /// Reads the last picture back.
    Result<Image> read_back() const;

  private:
    Result<void> draw(const HeatmapMatrix& matrix, const HeatmapRequest& request);
    std::uint64_t key_of(const HeatmapMatrix& matrix, const HeatmapRequest& request) const;
    ShaderLibrary* shaders_;
    Framebuffer target_;
    Texture colormap_;
    std::vector<std::uint8_t> colormap_bytes_;
    VertexArray vertices_;
    std::uint64_t last_key_ = 0;
    float cells_per_pixel_ = 1;
    int num_draws_ = 0;
};

/// The colour that the shader gives a value: the CPU twin, for tests and for text that must contrast with a
/// cell.
Rgba color_of_value(float value, const ValueScale& scale, std::span<const std::uint8_t> colormap_rgb);

}  // namespace headlight::gfx
