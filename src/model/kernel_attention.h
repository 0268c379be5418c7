// The attention step of the model runner: rotates, fills the cache of keys and values, and runs the capture kernel.
#pragma once

#include <span>
#include <vector>

#include "core/attention_trace.h"
#include "model/attention_kernel.h"
#include "model/forward.h"
#include "model/kv_cache.h"
#include "model/row_block.h"

namespace headlight {

/// What a pass over tokens [begin, begin + N) captures.
struct CapturePlan {
    int begin = 0;
    int num_keys = 0;                           // tokens of the whole text
    int num_threads = 1;
    std::vector<RowBlock*> rows;                // one per new token; empty: nothing is kept
    std::span<const KeySet> key_sets;           // in the order of the layout
};

class KernelAttention final : public AttentionStep {
  public:
    KernelAttention(const Architecture& arch, KvCache& cache, CapturePlan plan);

    /// B must be 1; the cache must hold the tokens before plan.begin and have room for the others.
    torch::Tensor attend(int layer, const torch::Tensor& query, const torch::Tensor& key, const torch::Tensor& value,
                         const RotaryTable& table) override;

    /// Weights of all rows of one head of the layer that was attended last, [N, N], 0 outside the mask. For passes over a
    /// whole text.
    void write_rows(int layer, int head, std::span<float> out);

  private:
    struct Inputs {
        const float *query, *key, *value;  // [N, heads * head_dim]
        const float *cos, *sin;            // [N, pairs], null without rotation
        int num_pairs = 0;
    };
    void pack_tokens(int layer, const Inputs& inputs, int first, int last);
    void rotate(const Inputs& inputs, int token, const float* from, float* to) const;
    void attend_rows(int layer, int head, int first, int count, float* out, int thread);
    /// `masses`: room for one per key set, which must outlive the target.
    RowTarget target(int layer, int head, int row, MassTarget* masses) const;

    const Architecture& arch_;
    KvCache& cache_;
    CapturePlan plan_;
    int num_new_ = 0;
    std::vector<float> queries_;  // [head, new token, head_dim] rotated, times the scale
    std::vector<KernelScratch> scratch_;
};

}  // namespace headlight
