// What the capture kernel has to know of an architecture.
#pragma once

#include "family/architecture.h"
#include "kernel/attention_shape.h"

namespace headlight {

inline AttentionShape attention_shape_of(const Architecture& arch) {
    return {
        .num_layers = arch.num_layers,
        .num_heads = arch.num_heads,
        .num_kv_heads = arch.num_kv_heads,
        .head_dim = arch.head_dim,
        .is_causal = arch.is_causal,
        .must_keep_weights = arch.has_layer_bias() || arch.has_buckets_per_layer};  // the bias is as large
}

}  // namespace headlight
