// Keys and values of a text where its passes run, and the attention over them.
#pragma once

#include <memory>

#include "model/forward/kernel_attention.h"

namespace headlight {

class KeyValueStore {
  public:
    virtual ~KeyValueStore() = default;
    /// Makes room for `num_tokens`, keeping the first `num_kept`.
    virtual void reserve(int num_tokens, int num_kept) = 0;
    /// The attention of one pass, which captures what `plan` says. The store must outlive it.
    virtual std::unique_ptr<AttentionStep> attention(CapturePlan plan) = 0;
    /// Values of one kv head of a layer, [num_tokens, head_dim], on the processor; a view, or a copy.
    virtual torch::Tensor values(int layer, int kv_head, int num_tokens) = 0;
};

/// The capture kernel's. The architecture must outlive the store, as in those of other places.
std::unique_ptr<KeyValueStore> make_kernel_store(const Architecture& arch);

}  // namespace headlight
