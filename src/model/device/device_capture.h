// What a pass on a device leaves in the rows of a trace: statistics, weights or q and k, masses of key sets,
// tiles, as the capture kernel takes them (kernel/attention_kernel.h). All of it is taken on the device;
// what comes back is as large as what is kept.
#pragma once

#include <vector>

#include "kernel/tile_gather.h"
#include "model/forward/kernel_attention.h"

namespace headlight {

/// Rows of all heads of a layer after the softmax's exponent. Keys are [low, low + K).
struct ScoredBlock {
    int layer = 0;
    int first = 0;  // of the pass's new rows
    int low = 0;
    torch::Tensor e;        // [H, R, K] exp(score - max); 0 where the mask forbids
    torch::Tensor shifted;  // [H, R, K] score - max
    torch::Tensor max;      // [H, R]
    torch::Tensor inverse;  // [H, R] 1 / what e is divided by
};

class DeviceCapture {
  public:
    /// `plan` must outlive it. Rows come in blocks of `block_rows`, counted from plan.begin.
    DeviceCapture(const Architecture& arch, const CapturePlan& plan, int block_rows, torch::Device device);

    bool is_wanted() const { return !plan_.rows.empty(); }
    /// After positions, the query times the scale: [N, H, head_dim] and [N, Hkv, head_dim]; kept by rows
    /// without weights.
    void keep_query_key(int layer, const torch::Tensor& query, const torch::Tensor& key);
    /// `sinks` [H] of the layer, on the processor; empty without.
    void take(const ScoredBlock& block, const std::vector<float>& sinks);
    /// After all blocks of a layer.
    void finish_layer(int layer);

  private:
    struct KeysOfSet {
        torch::Tensor keys, begin, end;  // int64; begin and end of every row of the text
    };
    KernelMask mask(int layer) const;
    /// Sum of e over the keys of a set, [H, R].
    torch::Tensor mass(const ScoredBlock& block, std::size_t set) const;
    torch::Tensor columns(const ScoredBlock& block) const;
    void take_statistics(const ScoredBlock& block, const std::vector<float>& sinks);
    void take_weights(const ScoredBlock& block);
    void take_tiles(const ScoredBlock& block);
    /// Rows [begin, end) of a block, whose tiles are equally wide.
    void take_tiles_of(const ScoredBlock& block, int begin, int end, std::vector<std::vector<float>>& rooms);

    const Architecture& arch_;
    const CapturePlan& plan_;
    torch::TensorOptions indices_;
    std::vector<KeysOfSet> sets_;
    TileGather gather_;
};

}  // namespace headlight
