// A float matrix on the GPU with a max and mean pyramid, so that a pixel that covers many cells still shows a
// spike.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "gfx/gl_handles.h"

namespace headlight::gfx {

/// One level as it is handed in. `cell` cells of the matrix on each side make one value; level 0 has cell
/// = 1.
struct HeatmapLevel {
    int rows = 0, cols = 0;
    int cell = 1;
    std::span<const float> max;   // [rows, cols]
    std::span<const float> mean;  // [rows, cols] or empty (then pooling by mean shows the max)
};

/// Keys [begin, end) that a row may see; the others are structural zeros.
struct KeyRange {
    std::int32_t begin = 0, end = 0;
};

/// Immutable once made. NaN marks a structural zero wherever it stands.
class HeatmapMatrix {
  public:
    HeatmapMatrix() = default;
    /// From the cells alone: the coarser levels are pooled here. `cells` is [rows, cols], row-major.
    /// `key_ranges` is empty (every cell is admissible) or has one entry a row.
    static Result<HeatmapMatrix> from_cells(int rows, int cols, std::span<const float> cells,
                                            std::span<const KeyRange> key_ranges = {});
    /// From levels made elsewhere, finest first, each `cell` twice the one before. The finest may be coarser
    /// than 1 cell when the matrix itself is not at hand. Errors: InvalidInput when sizes do not fit each
    /// other; Unsupported when a level has more cells than the driver's texture arrays hold (both counts are
    /// named).
    static Result<HeatmapMatrix> from_levels(int rows, int cols, std::span<const HeatmapLevel> levels,
                                             std::span<const KeyRange> key_ranges = {});

    int rows() const { return rows_; }
    int cols() const { return cols_; }
    /// Different for each matrix ever made (0 for an empty one): renderers cache by it.
    std::uint64_t id() const { return id_; }
    std::size_t size_bytes() const;

    /// Used by the renderer.
    struct GpuLevel {
        Texture max, mean;  // array of tiles, R32F
        Texture ranges;  // RG32F, [rows / 1024 + 1, 1024]: begin, end in cells (union over the level's rows)
        int cell = 1;
        int rows = 0, cols = 0;
        int tile_rows = 0, tile_cols = 0, tiles_across = 1;
    };
    const std::vector<GpuLevel>& levels() const { return levels_; }

  private:
    int rows_ = 0, cols_ = 0;
    std::uint64_t id_ = 0;
    std::vector<GpuLevel> levels_;
};

/// Causal ranges: row q sees keys max(0, q + offset - window + 1) .. q + offset; window 0 means no window.
std::vector<KeyRange> causal_key_ranges(int num_rows, int num_cols, int window = 0, int offset = 0);

}  // namespace headlight::gfx
