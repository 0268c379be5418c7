// Pools the tiles of single rows into those of bands while a pass captures a layer. The order of the sums
// depends on the rows alone, never on the threads.
#pragma once

#include <span>
#include <vector>

#include "kernel/kernel_isa.h"
#include "kernel/row_tiles.h"

namespace headlight {

class TileGather {
  public:
    /// `tiles`: what make_row_tiles() gave for queries [begin, end), filled layer by layer; empty: nothing is
    /// wanted. `before`: of the rows of begin's band before `begin`; null where there are none. Rows come in
    /// blocks of `block_rows`, counted from `begin`. Without causality every row has `num_keys`.
    TileGather(std::vector<RowTiles*> tiles, RowTilesPtr before, int begin, int end, int block_rows,
               int num_heads, int num_keys, bool is_causal);

    bool is_wanted() const { return !tiles_.empty(); }
    /// Room for the tiles of row `row` of a block (counted from begin), `r`-th of it; `room` is the thread's
    /// own.
    TileTarget row_target(int row, int r, std::vector<float>& room) const;
    /// Pools what the rows of a block have written to `room`.
    void pool_block(int head, int first_row, int count, const std::vector<float>& room);
    /// After all blocks of a layer: fills the tiles.
    void finish_layer(int layer);

  private:
    static constexpr std::size_t kFloats = 2 * static_cast<std::size_t>(kMostTiles);  // max and sum of a row
    /// Rows of one block and one band, none of whose inner rows ends a RowTiles.
    struct Piece {
        int begin = 0, end = 0;  // counted from begin_
        int tile = -1;           // index of the RowTiles that ends here; -1: none
    };
    int width_of(int row) const;
    int num_tiles_of(int row) const;
    float* piece(int head, std::size_t index) {
        return pieces_.data() + (static_cast<std::size_t>(head) * plan_.size() + index) * kFloats;
    }

    std::vector<RowTiles*> tiles_;
    RowTilesPtr before_;
    int begin_, block_rows_, num_heads_, num_keys_;
    bool is_causal_;
    std::vector<Piece> plan_;               // ascending
    std::vector<std::size_t> first_piece_;  // of each block
    std::vector<float> pieces_;             // [head, piece, {max, sum}, kMostTiles]
};

}  // namespace headlight
