#include "model/forward/torch_attention.h"

#include <limits>

#include "model/forward/score_bias_tables.h"

namespace headlight {

torch::Tensor allowed_keys(const Architecture& arch, int layer, std::int64_t num_tokens) {
    const torch::Tensor allowed = torch::ones({num_tokens, num_tokens}, torch::kBool);
    const int window = arch.window_of(layer);
    if (window < 0) {
        const torch::Tensor chunk = torch::arange(num_tokens).floor_divide(-window);
        const torch::Tensor is_own = chunk.unsqueeze(1).eq(chunk.unsqueeze(0));
        return arch.is_causal ? is_own.tril() : is_own;
    }
    if (arch.is_causal) return window > 0 ? allowed.tril().triu(1 - window) : allowed.tril();
    return window > 0 ? allowed.tril(window).triu(-window) : allowed;
}

torch::Tensor TorchAttention::pattern(int layer, const AttentionInputs& inputs, const torch::Tensor& query,
                                      const torch::Tensor& key) const {
    torch::Tensor scores = torch::matmul(query, key.transpose(-1, -2)) * arch_.scale_of(layer);
    const std::int64_t tokens = scores.size(-1);
    if (inputs.bias) scores = scores + bias_tensor(inputs.bias, arch_.num_heads, static_cast<int>(tokens));
    if (arch_.attention_softcap > 0) {
        scores = arch_.attention_softcap * torch::tanh(scores / arch_.attention_softcap);
    }
    if (arch_.is_causal || arch_.window_of(layer) != 0) {
        const torch::Tensor forbidden = allowed_keys(arch_, layer, tokens).logical_not();
        scores = scores.masked_fill(forbidden, -std::numeric_limits<float>::infinity());
    }
    if (!inputs.sinks.defined()) return torch::softmax(scores, -1, torch::kFloat32).to(query.scalar_type());
    const torch::Tensor sinks = inputs.sinks.view({1, -1, 1, 1}).expand({scores.size(0), -1, tokens, 1});
    return torch::softmax(torch::cat({scores, sinks}, -1), -1, torch::kFloat32)
        .slice(-1, 0, tokens)
        .to(query.scalar_type());
}

torch::Tensor TorchAttention::attend(int layer, const AttentionInputs& inputs) {
    const std::int64_t batch = inputs.query.size(0), tokens = inputs.query.size(1);
    torch::Tensor q = inputs.query.view({batch, tokens, arch_.num_heads, arch_.head_dim});
    // As many as are handed in: a probe may have given each query head its own.
    const std::int64_t num_kv_heads = inputs.key.size(2) / arch_.head_dim;
    const std::int64_t group_size = arch_.num_heads / num_kv_heads;
    torch::Tensor k = inputs.key.view({batch, tokens, num_kv_heads, arch_.head_dim});
    const RopePairing pairing = arch_.rope_settings(layer).pairing;
    q = place_queries(q, inputs.table, pairing, inputs.query_gain).to(inputs.query.scalar_type());
    k = place_keys(k, inputs.table, pairing, inputs.key_gain).to(inputs.key.scalar_type());
    q = q.transpose(1, 2);  // [B, H, N, head_dim]
    k = k.transpose(1, 2);
    torch::Tensor v = inputs.value.view({batch, tokens, num_kv_heads, arch_.head_dim}).transpose(1, 2);
    if (group_size > 1) {
        k = k.repeat_interleave(group_size, 1);
        v = v.repeat_interleave(group_size, 1);
    }
    torch::Tensor heads;  // [B, H, N, head_dim]
    const bool has_rule = inputs.bias || inputs.sinks.defined() || arch_.attention_softcap > 0;
    if (has_rule || wants(Site::AttentionPattern, layer)) {
        torch::Tensor weights = pattern(layer, inputs, q, k);
        if (wants(Site::AttentionPattern, layer)) probe_->visit(Site::AttentionPattern, layer, weights);
        heads = torch::matmul(weights.to(v.scalar_type()), v);
    } else {
        const bool has_window = arch_.window_of(layer) != 0;
        const auto mask =
            has_window ? std::optional<torch::Tensor>(allowed_keys(arch_, layer, tokens)) : std::nullopt;
        heads = torch::scaled_dot_product_attention(q, k, v, mask, 0.0, arch_.is_causal && !has_window,
                                                    static_cast<double>(arch_.scale_of(layer)));
    }
    heads = heads.transpose(1, 2);  // [B, N, H, head_dim]
    return heads.reshape({batch, tokens, arch_.query_size()});
}

torch::Tensor TorchCrossAttention::attend(int layer, const AttentionInputs& inputs) {
    const auto by_head = [&](const torch::Tensor& x) {
        return x.unflatten(-1, {-1, arch_.head_dim}).transpose(1, 2);  // [B, heads, N, head_dim]
    };
    const std::int64_t batch = inputs.query.size(0);
    torch::Tensor key = by_head(inputs.key), value = by_head(inputs.value);
    if (arch_.group_size() > 1) {
        key = key.repeat_interleave(arch_.group_size(), 1);
        value = value.repeat_interleave(arch_.group_size(), 1);
    }
    const auto for_all = [&](const torch::Tensor& x) {
        return x.expand({batch, x.size(1), x.size(2), x.size(3)});
    };
    const torch::Tensor heads = torch::scaled_dot_product_attention(
        by_head(inputs.query), for_all(key), for_all(value), std::nullopt, 0.0, /*is_causal=*/false,
        static_cast<double>(arch_.scale_of(layer)));
    return heads.transpose(1, 2).flatten(-2);
}

}  // namespace headlight
