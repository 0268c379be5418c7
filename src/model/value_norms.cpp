#include "model/value_norms.h"

#include <ATen/ops/linalg_qr.h>

#include <algorithm>

#include "core/head_grid.h"

namespace headlight {

Matrix ValueNorms::compute(const Architecture& arch, const Weights& weights, KeyValueStore& store,
                           int num_tokens) {
    const std::int64_t width = arch.head_dim;
    for (std::size_t layer = factors_.size(); layer < weights.layers.size(); ++layer) {
        if (!arch.has_attention(static_cast<int>(layer))) {
            factors_.emplace_back();
            continue;
        }
        // [hidden, H * head_dim] -> [H, hidden, head_dim]
        const torch::Tensor output = weights.layers[layer]
                                         .output.widened()
                                         .reshape({-1, arch.num_heads, width})
                                         .transpose(0, 1)
                                         .contiguous();
        factors_.push_back(std::get<1>(at::linalg_qr(output, "r")).transpose(1, 2).contiguous());
    }
    const HeadGrid grid{arch.num_layers, arch.num_heads};
    Matrix norms(static_cast<std::int64_t>(grid.size()), num_tokens);
    for (int layer = 0; layer < arch.num_layers; ++layer) {
        for (int head = 0; arch.has_attention(layer) && head < arch.num_heads; ++head) {
            const torch::Tensor values = store.values(layer, head / arch.group_size(), num_tokens);
            const torch::Tensor moved = values.mm(factors_[static_cast<std::size_t>(layer)][head]);
            const torch::Tensor norm = moved.norm(2, {1}).contiguous();  // [N]
            const std::span<float> row = norms.row(static_cast<std::int64_t>(grid.index({layer, head})));
            std::copy_n(norm.const_data_ptr<float>(), num_tokens, row.begin());
        }
    }
    return norms;
}

}  // namespace headlight
