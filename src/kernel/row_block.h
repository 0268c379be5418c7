// What is kept of one query row, all layers and heads. Immutable once its run is done, and shared by every
// trace whose text begins with the same tokens.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/attention_trace.h"
#include "kernel/block_pool.h"

namespace headlight {

/// What all row blocks of a run have in common.
struct RowLayout {
    int num_layers = 0;
    int num_heads = 0;
    int num_kv_heads = 0;
    int head_dim = 0;
    bool keeps_weights = true;  // otherwise q and k, and tiles of bands of rows (kernel/row_tiles.h)
    std::vector<std::string> key_sets;
    bool operator==(const RowLayout&) const = default;
    HeadGrid grid() const { return {num_layers, num_heads}; }
    HeadGrid kv_grid() const { return {num_layers, num_kv_heads}; }
};

class RowBlock {
  public:
    /// `num_keys`: keys [0, num_keys) have a place in the row.
    RowBlock(BlockPoolPtr pool, std::shared_ptr<const RowLayout> layout, int num_keys);
    ~RowBlock();
    RowBlock(const RowBlock&) = delete;
    RowBlock& operator=(const RowBlock&) = delete;

    const RowLayout& layout() const { return *layout_; }
    int num_keys() const { return num_keys_; }
    std::size_t size_bytes() const { return size_bytes_; }

    RowStats& stats(int layer, int head) const { return stats_[index(layer, head)]; }
    float& mass(int set, int layer, int head) const {
        return masses_[static_cast<std::size_t>(set) * num_rows() + index(layer, head)];
    }
    /// [num_keys] of a block that keeps weights.
    float* weights(int layer, int head) const {
        return values_ + index(layer, head) * static_cast<std::size_t>(num_keys_);
    }
    /// [head_dim] after position codes, the query times the attention scale; of a block that keeps q and k.
    float* query(int layer, int head) const { return values_ + index(layer, head) * layout_->head_dim; }
    float* key(int layer, int kv_head) const {
        const std::size_t queries = num_rows() * layout_->head_dim;
        return values_ + queries + layout_->kv_grid().index({layer, kv_head}) * layout_->head_dim;
    }

  private:
    std::size_t num_rows() const { return layout_->grid().size(); }
    std::size_t index(int layer, int head) const { return layout_->grid().index({layer, head}); }

    BlockPoolPtr pool_;
    std::shared_ptr<const RowLayout> layout_;
    int num_keys_;
    std::size_t size_bytes_ = 0;
    void* memory_ = nullptr;
    RowStats* stats_ = nullptr;  // [layer, head]
    float* masses_ = nullptr;    // [key set, layer, head]
    float* values_ =
        nullptr;  // weights [layer, head, key]; or q [layer, head, head_dim], k [layer, kv head, head_dim]
};

using RowBlockPtr = std::shared_ptr<const RowBlock>;

}  // namespace headlight
