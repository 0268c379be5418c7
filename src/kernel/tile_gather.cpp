#include "kernel/tile_gather.h"

#include <algorithm>
#include <utility>

namespace headlight {
namespace {

/// Takes the tiles of more rows into `to`, both [{max, sum}, kMostTiles].
void pool_into(float* to, const float* from, int num_tiles) {
    for (int t = 0; t < num_tiles; ++t)
        to[t] = std::max(to[t], from[t]);
    for (int t = kMostTiles; t < kMostTiles + num_tiles; ++t)
        to[t] += from[t];
}

}  // namespace

TileGather::TileGather(std::vector<RowTiles*> tiles, RowTilesPtr before, int begin, int end, int block_rows,
                       int num_heads, int num_keys, bool is_causal)
    : tiles_(std::move(tiles)),
      before_(std::move(before)),
      begin_(begin),
      block_rows_(block_rows),
      num_heads_(num_heads),
      num_keys_(num_keys),
      is_causal_(is_causal) {
    if (tiles_.empty()) return;
    std::size_t next = 0;
    Piece open;
    for (int row = 0; row < end - begin; ++row) {
        if (row % block_rows == 0) first_piece_.push_back(plan_.size());
        const bool is_stop = next < tiles_.size() && tiles_[next]->end_query() == begin + row + 1;
        open.tile = is_stop ? static_cast<int>(next++) : -1;
        if (!is_stop && (row + 1) % block_rows != 0 && row + 1 < end - begin) continue;
        open.end = row + 1;
        plan_.push_back(open);
        open = {row + 1, row + 1, -1};
    }
    first_piece_.push_back(plan_.size());
    pieces_.resize(static_cast<std::size_t>(num_heads) * plan_.size() * kFloats);
}

int TileGather::width_of(int row) const {
    return tile_width(is_causal_ ? begin_ + row + 1 : num_keys_);
}

int TileGather::num_tiles_of(int row) const {
    const int width = width_of(row);
    return ((is_causal_ ? begin_ + row + 1 : num_keys_) + width - 1) / width;
}

TileTarget TileGather::row_target(int row, int r, std::vector<float>& room) const {
    room.resize(std::max(room.size(), static_cast<std::size_t>(block_rows_) * kFloats));
    float* own = room.data() + static_cast<std::size_t>(r) * kFloats;
    return {width_of(row), own, own + kMostTiles};
}

void TileGather::pool_block(int head, int first_row, int count, const std::vector<float>& room) {
    for (std::size_t p = first_piece_[static_cast<std::size_t>(first_row / block_rows_)];
         p < plan_.size() && plan_[p].begin < first_row + count; ++p) {
        float* to = piece(head, p);
        std::fill_n(to, kFloats, 0.0f);
        for (int row = plan_[p].begin; row < plan_[p].end; ++row)
            pool_into(to, room.data() + static_cast<std::size_t>(row - first_row) * kFloats,
                      num_tiles_of(row));
    }
}

void TileGather::finish_layer(int layer) {
    std::vector<float> band(kFloats);
    for (int head = 0; head < num_heads_; ++head) {
        std::fill(band.begin(), band.end(), 0.0f);
        if (before_ && before_->end_query() == begin_ && !ends_band(begin_ - 1)) {
            std::copy_n(before_->max(layer, head), before_->num_tiles(), band.begin());
            std::copy_n(before_->sum(layer, head), before_->num_tiles(), band.begin() + kMostTiles);
        }
        for (std::size_t p = 0; p < plan_.size(); ++p) {
            const Piece& rows = plan_[p];
            const int first = begin_ + rows.begin;
            if (band_begin(first) == first) std::fill(band.begin(), band.end(), 0.0f);
            pool_into(band.data(), piece(head, p), num_tiles_of(rows.end - 1));
            if (rows.tile < 0) continue;
            const RowTiles& out = *tiles_[static_cast<std::size_t>(rows.tile)];
            std::copy_n(band.begin(), out.num_tiles(), out.max(layer, head));
            std::copy_n(band.begin() + kMostTiles, out.num_tiles(), out.sum(layer, head));
        }
    }
}

}  // namespace headlight
