#include "model/torch_attention.h"

#include <limits>

namespace headlight {

torch::Tensor allowed_keys(const Architecture& arch, int layer, std::int64_t num_tokens) {
    torch::Tensor allowed = torch::ones({num_tokens, num_tokens}, torch::kBool);
    if (!arch.is_causal) return allowed;
    allowed = allowed.tril();
    const int window = arch.window_of(layer);
    return window > 0 ? allowed.triu(1 - window) : allowed;
}

torch::Tensor TorchAttention::pattern(int layer, const torch::Tensor& query, const torch::Tensor& key) const {
    torch::Tensor scores = torch::matmul(query, key.transpose(-1, -2)) * arch_.scale_of(layer);
    if (arch_.is_causal) {
        const torch::Tensor forbidden = allowed_keys(arch_, layer, scores.size(-1)).logical_not();
        scores = scores.masked_fill(forbidden, -std::numeric_limits<float>::infinity());
    }
    return torch::softmax(scores, -1, torch::kFloat32).to(query.scalar_type());
}

torch::Tensor TorchAttention::attend(int layer, const torch::Tensor& query, const torch::Tensor& key,
                                     const torch::Tensor& value, const RotaryTable& table) {
    const std::int64_t batch = query.size(0), tokens = query.size(1);
    torch::Tensor q = query.view({batch, tokens, arch_.num_heads, arch_.head_dim});
    torch::Tensor k = key.view({batch, tokens, arch_.num_kv_heads, arch_.head_dim});
    if (table.cos.defined()) {
        q = rotate(q, table, arch_.rope.pairing);
        k = rotate(k, table, arch_.rope.pairing);
    }
    q = q.transpose(1, 2);  // [B, H, N, head_dim]
    k = k.transpose(1, 2);
    torch::Tensor v = value.view({batch, tokens, arch_.num_kv_heads, arch_.head_dim}).transpose(1, 2);
    if (arch_.group_size() > 1) {
        k = k.repeat_interleave(arch_.group_size(), 1);
        v = v.repeat_interleave(arch_.group_size(), 1);
    }
    torch::Tensor heads;  // [B, H, N, head_dim]
    if (wants(Site::AttentionPattern, layer)) {
        torch::Tensor weights = pattern(layer, q, k);
        probe_->visit(Site::AttentionPattern, layer, weights);
        heads = torch::matmul(weights, v);
    } else {
        const bool has_window = arch_.is_causal && arch_.window_of(layer) > 0;
        const auto mask = has_window ? std::optional<torch::Tensor>(allowed_keys(arch_, layer, tokens)) : std::nullopt;
        heads = torch::scaled_dot_product_attention(q, k, v, mask, 0.0, arch_.is_causal && !has_window,
                                                    static_cast<double>(arch_.scale_of(layer)));
    }
    heads = heads.transpose(1, 2);  // [B, N, H, head_dim]
    if (wants(Site::HeadOutput, layer)) {
        heads = heads.contiguous();
        probe_->visit(Site::HeadOutput, layer, heads);
    }
    return heads.reshape({batch, tokens, arch_.query_size()});
}

}  // namespace headlight
