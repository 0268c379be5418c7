// The sizes of a model's attention that rows and caches are laid out by.
#pragma once

namespace headlight {

struct AttentionShape {
    int num_layers = 0;
    int num_heads = 0;
    int num_kv_heads = 0;
    int head_dim = 0;
    bool is_causal = true;
    bool must_keep_weights = false;  // rows cannot be made again from q and k alone
};

}  // namespace headlight
