// The attention step of the model runner: rotates, fills the cache of keys and values, and runs the capture
// kernel.
#pragma once

#include <span>
#include <vector>

#include "core/attention_trace.h"
#include "kernel/attention_kernel.h"
#include "kernel/kv_cache.h"
#include "kernel/row_block.h"
#include "kernel/tile_gather.h"
#include "model/forward/forward.h"

namespace headlight {

/// What a pass over tokens [begin, begin + N) captures.
struct CapturePlan {
    int begin = 0;
    int num_keys = 0;  // tokens of the whole text
    int num_threads = 1;
    std::vector<RowBlock*> rows;        // one per new token; empty: nothing is kept
    std::span<const KeySet> key_sets;   // in the order of the layout
    bool is_cross = false;              // keys and values are another text's: begin is 0, no rotation
    std::vector<RowTiles*> tiles = {};  // of make_row_tiles(); empty: none are taken
    RowTilesPtr tiles_before = {};      // of the rows before `begin` in its band
};

class KernelAttention final : public AttentionStep {
  public:
    KernelAttention(const Architecture& arch, KvCache& cache, CapturePlan plan);

    /// B must be 1; the cache must hold the tokens before plan.begin and have room for the others.
    torch::Tensor attend(int layer, const AttentionInputs& inputs) override;

    RunParts times() const override;

    /// Weights of all rows of one head of the layer that was attended last, [N, N], 0 outside the mask. For
    /// passes over a whole text.
    void write_rows(int layer, int head, std::span<float> out);

  private:
    struct Rotation {
        const float* cos = nullptr;  // [N, pairs], null without rotation
        const float* sin = nullptr;
        int num_pairs = 0;
        RopePairing pairing = RopePairing::Halves;
        int depth = 0;                                           // head_dim
        const float *query_gain = nullptr, *key_gain = nullptr;  // [head_dim] after the rotation
        const float* query_scale = nullptr;                      // [N]
    };
    /// Points into tensors that are put into `kept`.
    Rotation rotation_of(int layer, const AttentionInputs& inputs, std::vector<torch::Tensor>& kept) const;
    /// Values of the new tokens, rotated and laid out as the kernel reads them; tokens [first, last).
    void pack_queries(int layer, const float* query, const Rotation& rotation, int first, int last);
    void pack_keys(int layer, const float* key, const float* value, const Rotation& rotation, int first,
                   int last);
    /// `from` as it is, or turned into `to` [head_dim], times `gain` if there is one.
    static const float* place(const Rotation& rotation, int token, const float* gain, const float* from,
                              float* to);
    int threads_for(double flops) const;
    KernelMask mask(int layer) const;
    HeadInputs inputs(int layer, int head, int first, bool wants_values);
    void attend_rows(int layer, int head, int first, int count, float* out, int thread);
    /// `masses`: room for one per key set, which must outlive the target.
    RowTarget target(int layer, int head, int row, MassTarget* masses) const;

    const Architecture& arch_;
    KvCache& cache_;
    CapturePlan plan_;
    int num_new_ = 0;
    std::vector<float> queries_;  // [head, new token, head_dim] rotated, times the scale
    ScoreBiasTable bias_;         // of the layer that was attended last
    std::vector<float> sinks_;    // [head] of that layer, empty without
    std::vector<KernelScratch> scratch_;
    TileGather gather_;
    std::vector<std::vector<float>> tile_room_;  // [thread]
    double attention_ms_ = 0;
};

}  // namespace headlight
