// The capture kernel: attention of a block of query rows of one head, only over the keys that the mask
// allows. Scores, softmax, row statistics, masses of key sets and tiles are taken while the block is in
// cache, then it is multiplied with the values. No LibTorch, no allocation after the first block, safe from
// any number of threads.
#pragma once

#include <cstdint>
#include <vector>

#include "core/attention_trace.h"
#include "core/key_window.h"
#include "kernel/kernel_isa.h"

namespace headlight {

/// Keys of one head. Query i sees keys [begin, end) as AttentionTrace::admissible says.
struct KernelMask {
    int num_keys = 0;
    bool is_causal = true;
    int window = 0;  // as keys_in_window() takes it
    bool is_cross =
        false;  // queries and keys are different texts: all keys, and no statistic that compares positions
    KeyRange range(int query) const {
        return is_cross ? KeyRange{0, num_keys} : keys_in_window(query, num_keys, is_causal, window);
    }
};

/// What is done to the scores of one head besides the product of query and key.
struct ScoreRule {
    const float* bias = nullptr;   // of the block's first query and key 0, added
    std::int64_t bias_stride = 0;  // from one query to the next
    float softcap = 0;             // > 0: cap tanh(score / cap), after the bias
    bool has_sink = false;
    float sink = 0;  // a score that takes part in the softmax and is dropped
};

struct HeadInputs {
    const float* query = nullptr;  // [rows, depth] already times the scale; row 0 is the block's first query
    const float* key_panels = nullptr;    // [panel, depth, 16]
    const float* value_panels = nullptr;  // [value panel, key, 16]; null: no output is wanted
    std::int64_t value_stride = 0;        // from one value panel to the next
    int depth = 0;                        // head_dim
    ScoreRule rule;
};

/// Where the mass of one key set of one row goes.
struct MassTarget {
    const std::uint32_t* keys = nullptr;
    std::size_t num_keys = 0;
    float* mass = nullptr;
};

/// Where one row goes; null members are not wanted.
struct RowTarget {
    RowStats* stats = nullptr;
    // `end` is the end of the row's keys with a causal mask, num_keys otherwise.
    float* weights = nullptr;  // [num_keys]; keys [0, end) are written, those outside the window with 0
    TileTarget tiles;          // tile 0 starts at key 0; end / width tiles, rounded up, are written
    const MassTarget* masses = nullptr;
    std::size_t num_masses = 0;
};

/// Buffers of one thread, kept between blocks.
struct KernelScratch {
    std::vector<float> scores;  // [rows, keys]
    std::vector<float> output;  // [rows, value columns]
    double statistics_ms = 0;   // softmax and what is taken along with it, of all blocks
};

/// Entropy, sums of powers, largest weight and its key, sum and number of keys of a row whose weights are e /
/// `total`: the sum over its keys, and the sink's share where there is one. Without keys (an invalid row)
/// where the sums are not finite.
RowStats stats_of_sums(const RowSums& sums, double total, int num_keys);

/// Rows of a block that suit the instruction set: a few strips of registers.
int kernel_block_rows(const KernelIsa& isa);

/// Attends queries [query, query + rows) of a head. targets [rows]; out [rows, depth] with `out_stride`
/// between rows, null when no values are given.
void attend_block(const KernelIsa& isa, const KernelMask& mask, const HeadInputs& head, int query, int rows,
                  const RowTarget* targets, float* out, std::int64_t out_stride, KernelScratch& scratch);

}  // namespace headlight
