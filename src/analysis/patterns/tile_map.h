// A part of a head's matrix at one zoom: rows are recomputed block by block and pooled into tiles as they
// come, so that no matrix of a long text is ever stored.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/attention_trace.h"
#include "core/head_id.h"

namespace headlight {

/// Queries [row_begin, row_end) and keys [col_begin, col_end) in tiles of `cell` x `cell` tokens; the last
/// ones may be cut.
struct TileArea {
    int row_begin = 0, row_end = 0, col_begin = 0, col_end = 0;
    int cell = 1;
    int rows() const { return (row_end - row_begin + cell - 1) / cell; }
    int cols() const { return (col_end - col_begin + cell - 1) / cell; }
    bool operator==(const TileArea&) const = default;
};

/// The whole of a matrix in tiles of the least power of two such that neither side has more than `most` of
/// them.
TileArea whole_area(int num_queries, int num_keys, int most);

struct TileMap {
    TileArea area;
    std::vector<float> values;  // [area.rows(), area.cols()] the value farthest from zero of each tile
    std::vector<float> row_sum,
        row_size;       // of each query of the area, over all its keys: sum of values, of sizes
    float largest = 0;  // distance from zero of the farthest value of the area
    std::size_t size_bytes() const;
};

struct TileMapWish {
    const AttentionTrace* trace = nullptr;
    const AttentionTrace* before = nullptr;  // not null: its values are taken off
    std::vector<HeadId> heads;               // more than one: their mean
    TileArea area;
};

/// Exact whatever the trace keeps. Costs the rows of the area once. Errors: InvalidInput (no such head, an
/// area outside the matrix), Cancelled.
Result<TileMap> build_tile_map(const TileMapWish& wish, const JobContext& job);

/// Mean over `heads` of queries [begin, end) into out [end - begin, num_keys]; without the sink, over the
/// heads that have values in a row. Exact whatever the trace keeps. `room` is used again between calls.
void mean_rows(const AttentionTrace& trace, std::span<const HeadId> heads, int begin, int end,
               std::span<float> out, std::vector<float>& room);

}  // namespace headlight
