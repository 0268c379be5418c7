#include "kernel/row_tiles.h"

#include <algorithm>

#include "kernel/kernel_isa.h"

namespace headlight {

int band_rows(int query) {
    int rows = 1;
    while (query / rows >= kMostTiles)
        rows *= 2;
    return rows;
}

int tile_width(int num_keys) {
    return std::max(kPanel, band_rows(std::max(0, num_keys - 1)));
}

RowTiles::RowTiles(BlockPoolPtr pool, HeadGrid grid, int end_query, int num_keys)
    : pool_(std::move(pool)),
      grid_(grid),
      end_query_(end_query),
      width_(tile_width(num_keys)),
      num_tiles_((num_keys + width_ - 1) / width_),
      size_bytes_(grid.size() * 2 * static_cast<std::size_t>(num_tiles_) * sizeof(float)),
      values_(static_cast<float*>(pool_->take(size_bytes_))) {}

RowTiles::~RowTiles() {
    pool_->give(values_, size_bytes_);
}

std::vector<std::shared_ptr<RowTiles>> make_row_tiles(const AttentionShape& shape, const BlockPoolPtr& pool,
                                                      const std::shared_ptr<const RowLayout>& layout,
                                                      int begin, int end) {
    std::vector<std::shared_ptr<RowTiles>> tiles;
    if (!layout || layout->keeps_weights) return tiles;
    for (int query = begin; query < end; ++query) {
        if (!ends_band(query) && query < end - kRecentRows) continue;
        const int num_keys = shape.is_causal ? query + 1 : end;
        tiles.push_back(std::make_shared<RowTiles>(pool, layout->grid(), query + 1, num_keys));
    }
    return tiles;
}

void keep_tiles(std::vector<RowTilesPtr>& tiles, int num_rows) {
    std::erase_if(tiles, [num_rows](const RowTilesPtr& tile) {
        const int end = tile->end_query();
        return end > num_rows || (!ends_band(end - 1) && end <= num_rows - kRecentRows);
    });
}

int rows_with_tiles(const std::vector<RowTilesPtr>& tiles, int num_rows) {
    if (num_rows == 0 || ends_band(num_rows - 1)) return num_rows;
    const bool is_known = std::any_of(tiles.begin(), tiles.end(), [num_rows](const RowTilesPtr& tile) {
        return tile->end_query() == num_rows;
    });
    return is_known ? num_rows : band_begin(num_rows - 1);
}

std::vector<RowTilesPtr> tiles_of_text(const std::vector<RowTilesPtr>& tiles, int num_rows) {
    std::vector<RowTilesPtr> out;
    for (const RowTilesPtr& tile : tiles) {
        const int end = tile->end_query();
        if (end == num_rows || (end < num_rows && ends_band(end - 1))) out.push_back(tile);
    }
    return out;
}

}  // namespace headlight
