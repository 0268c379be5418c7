// Tiles of what a text that keeps q and k attends to: of a band of rows and a few keys the largest weight and
// the sum of weights, every head. Taken while the rows are captured; what thumbnails are made of. Bands and
// tiles grow with the row, so that the tiles of a whole text take room that hardly grows with it.
#pragma once

#include <memory>
#include <vector>

#include "core/head_grid.h"
#include "kernel/attention_shape.h"
#include "kernel/block_pool.h"
#include "kernel/row_block.h"

namespace headlight {

inline constexpr int kMostTiles = 128;  // across a row, and bands down a text twice as long as any before
inline constexpr int kRecentRows =
    64;  // last rows whose tiles are kept one by one, so that a changed tail is cheap

/// Rows of the band that holds row `query`: 1 up to row 127, 2 up to 255, 4 up to 511 ...
int band_rows(int query);
inline int band_begin(int query) {
    return query / band_rows(query) * band_rows(query);
}
inline bool ends_band(int query) {
    return band_begin(query) + band_rows(query) == query + 1;
}
/// Keys of a tile where a row has `num_keys`: at most kMostTiles of them, at least a panel each.
int tile_width(int num_keys);

/// The tiles of rows [first_query, end_query) taken together, all layers and heads: from the beginning of a
/// band up to some row of it.
class RowTiles {
  public:
    RowTiles(BlockPoolPtr pool, HeadGrid grid, int end_query, int num_keys);
    ~RowTiles();
    RowTiles(const RowTiles&) = delete;
    RowTiles& operator=(const RowTiles&) = delete;

    int first_query() const { return band_begin(end_query_ - 1); }
    int end_query() const { return end_query_; }
    int width() const { return width_; }
    int num_tiles() const { return num_tiles_; }
    std::size_t size_bytes() const { return size_bytes_; }
    /// [num_tiles] each.
    float* max(int layer, int head) const { return values_ + grid_.index({layer, head}) * 2 * num_tiles_; }
    float* sum(int layer, int head) const { return max(layer, head) + num_tiles_; }

  private:
    BlockPoolPtr pool_;
    HeadGrid grid_;
    int end_query_, width_, num_tiles_;
    std::size_t size_bytes_;
    float* values_;
};

using RowTilesPtr = std::shared_ptr<const RowTiles>;

/// The tiles that a pass over queries [begin, end) fills: of every band that ends there, and of each of the
/// last rows. Ascending; empty where weights are kept.
std::vector<std::shared_ptr<RowTiles>> make_row_tiles(const AttentionShape& shape, const BlockPoolPtr& pool,
                                                      const std::shared_ptr<const RowLayout>& layout,
                                                      int begin, int end);

/// Of tiles of a text, ascending: drops those past `num_rows` and what is recent no more.
void keep_tiles(std::vector<RowTilesPtr>& tiles, int num_rows);

/// The most rows, not above `num_rows`, whose tiles are known up to their last: from there a pass may go on.
int rows_with_tiles(const std::vector<RowTilesPtr>& tiles, int num_rows);

/// Those that cover rows [0, num_rows) once.
std::vector<RowTilesPtr> tiles_of_text(const std::vector<RowTilesPtr>& tiles, int num_rows);

}  // namespace headlight
