// The lines of a head's two-column picture: the fewest keys that hold a chosen share of each row.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/attention_trace.h"
#include "core/cause/weighted_trace.h"
#include "core/head_id.h"

namespace headlight {

/// Entries of `row`, largest first by size, whose sizes make up `share` (0..1) of all sizes: the fewest that
/// do. Ties: the lower key. Empty for a row of zeros.
std::vector<std::int32_t> covering_keys(std::span<const float> row, double share);

/// Lines between groups of `cell` queries and `cell` keys that follow each other; cell 1: between tokens.
struct LineLevel {
    int cell = 1;
    int num_rows = 0;                      // groups of queries
    std::vector<std::uint32_t> row_begin;  // [num_rows + 1] offsets into the other two
    std::vector<std::int32_t> keys;        // group of keys; cell 1: largest size first, else ascending
    std::vector<float> values;  // as shown; of groups the mean over their queries of what goes there
    std::size_t size() const { return keys.size(); }
};

/// The lines of one head. A key that is taken out (the sink) is never one; its share stands beside.
struct HeadLines {
    HeadId head;
    int num_queries = 0, num_keys = 0;
    std::vector<LineLevel> levels;  // cells 1, 2, 4 ... until there are at most kFewestGroups a side
    std::vector<RowRest> state;     // [num_queries] rows that rest have no lines
    std::vector<float> sink;        // [num_queries] plain weight on the keys that are taken out
    double mean_sink = 0;           // over the rows that see another key; 0 without one
    float largest = 0;              // size of the largest value
    int most_of_row = 0;            // lines of a row that are kept, the largest: text times this is bounded
    std::size_t num_left_out = 0;   // lines of longer sets that are not
    std::size_t size_bytes() const;
};
inline constexpr int kFewestGroups = 64;
/// Lines of a head that are kept, but kLeastOfRow of each row in any case.
inline constexpr int kMostKeptLines = 2'000'000, kLeastOfRow = 32;

struct LinesRequest {
    double share = 0.7;                      // of what is left of a row without the sink
    std::vector<bool> is_sink;               // [num_keys] keys that are taken out; empty: none
    const AttentionTrace* before = nullptr;  // lines are of the difference `shown` - `before`
};

/// `shown` holds the values of the lines, `plain` the weights that say what the sink takes and which rows
/// rest (under kLeastRest left; rows of lengths, effects and differences never rest). Errors: Cancelled.
Result<HeadLines> covering_lines(const AttentionTrace& shown, const AttentionTrace& plain, HeadId head,
                                 const LinesRequest& request, const JobContext& job);

/// The next coarser level of `level`, of a text of `num_queries`.
LineLevel grouped_lines(const LineLevel& level, int num_queries);

}  // namespace headlight
