// Mean and max at every power-of-two reduction of one head's matrix, so that zooming out loses no spike.
#pragma once

#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/attention_trace.h"
#include "core/head_id.h"

namespace headlight {

struct TileLevel {
    int rows = 0, cols = 0;
    int cell = 1;             // tokens per tile side
    std::vector<float> max;   // [rows, cols]
    std::vector<float> mean;  // [rows, cols] over admissible entries; equals max where cell = 1
};

struct TilePyramid {
    int num_queries = 0, num_keys = 0;
    std::vector<TileLevel>
        levels;  // levels[0].cell = 1; each next doubles the cell, until at most 64 tiles a side
    std::size_t size_bytes() const;
};

/// A pyramid holds the whole matrix: longer texts are looked at part by part (tile_map.h).
inline constexpr int kMostPyramidTokens = 2048;

/// Reads the head block by block; `heads` more than one gives the mean of those heads. Errors: InvalidInput
/// (no such head), Unsupported (more than kMostPyramidTokens), Cancelled.
Result<TilePyramid> build_tile_pyramid(const AttentionTrace& trace, const std::vector<HeadId>& heads,
                                       const JobContext& job);

}  // namespace headlight
