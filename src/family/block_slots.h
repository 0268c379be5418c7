// The weights of one block, made over weights of any type of tensor (slot_list.h).
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "family/weight_slots.h"
#include "family/weights_of.h"

namespace headlight {

/// A slot and where it lies in the weights that were given: one of the two is set.
template <class Tensor, class Matrix>
struct TensorSlotOf : WeightSlot {
    Tensor* tensor = nullptr;
    Matrix* matrix = nullptr;

    void set(Tensor value) const {
        if (matrix != nullptr) {
            *matrix = std::move(value);
        } else {
            *tensor = std::move(value);
        }
    }
};

namespace slots {

/// Collects slots; a bias is listed only when the architecture has it.
template <class Tensor, class Matrix>
class SlotList {
  public:
    void matrix(const std::string& name, Matrix& matrix, std::int64_t rows, std::int64_t cols) {
        slots_.push_back({{name, {rows, cols}}, nullptr, &matrix});
    }
    void filter(const std::string& name, Tensor& tensor, std::vector<std::int64_t> shape) {
        slots_.push_back({{name, std::move(shape)}, &tensor, nullptr});
    }
    void residual(const std::string& name, Matrix& weight, std::int64_t rows, std::int64_t cols) {
        matrix(name, weight, rows, cols);
        slots_.back().writes_residual = true;
    }
    void bias(const std::string& name, Tensor& tensor, std::int64_t size, bool is_present) {
        if (!is_present) return;
        slots_.push_back({{name + "_bias", {size}}, &tensor, nullptr});
        slots_.back().is_bias = true;
    }
    void zeros(const std::string& name, Tensor& tensor, std::int64_t size) {
        slots_.push_back({{name, {size}}, &tensor, nullptr});
        slots_.back().is_bias = true;
    }
    void gain(const std::string& name, Tensor& gain, std::int64_t size) {
        slots_.push_back({{name, {size}}, &gain, nullptr});
        slots_.back().is_norm_gain = true;
    }
    void gain(const std::string& name, Tensor& weight, Tensor& shift, std::int64_t size, bool has_bias) {
        gain(name, weight, size);
        bias(name, shift, size, has_bias);
    }
    /// A norm of the architecture's own kind, over `size` values.
    void norm(const std::string& name, Tensor& weight, Tensor& shift, const Architecture& arch,
              std::int64_t size) {
        if (arch.norm != NormKind::None && arch.has_norm_gain)
            gain(name, weight, shift, size, arch.has_norm_bias);
    }
    std::vector<TensorSlotOf<Tensor, Matrix>> take() { return std::move(slots_); }

  private:
    std::vector<TensorSlotOf<Tensor, Matrix>> slots_;
};

template <class Tensor, class Matrix>
void add_attention(SlotList<Tensor, Matrix>& list, const Architecture& arch, const std::string& prefix,
                   AttentionWeightsOf<Tensor, Matrix>& weights) {
    const std::int64_t hidden = arch.hidden_size, width = arch.block_width();
    list.matrix(prefix + "query", weights.query, arch.query_size(), width);
    list.bias(prefix + "query", weights.query_bias, arch.query_size(), arch.has_qkv_bias);
    list.matrix(prefix + "key", weights.key, arch.kv_size(), width);
    list.bias(prefix + "key", weights.key_bias, arch.kv_size(), arch.has_qkv_bias && arch.has_key_bias);
    list.matrix(prefix + "value", weights.value, arch.kv_size(), hidden);
    list.bias(prefix + "value", weights.value_bias, arch.kv_size(), arch.has_qkv_bias && arch.has_value_bias);
    if (!arch.has_output) return;
    list.residual(prefix + "output", weights.output, width, arch.query_size());
    list.bias(prefix + "output", weights.output_bias, width, arch.has_output_bias);
}

/// What stands in the place of attention where a layer has none.
template <class Tensor, class Matrix>
void add_short_convolution(SlotList<Tensor, Matrix>& list, const Architecture& arch,
                           const std::string& prefix, LayerWeightsOf<Tensor, Matrix>& layer) {
    const std::int64_t hidden = arch.hidden_size;
    list.matrix(prefix + "short_in", layer.short_in, 3 * hidden, hidden);
    list.bias(prefix + "short_in", layer.short_in_bias, 3 * hidden, arch.has_short_bias);
    list.filter(prefix + "short_filter", layer.short_filter, {hidden, 1, arch.short_kernel_size});
    list.bias(prefix + "short_filter", layer.short_filter_bias, hidden, arch.has_short_bias);
    list.residual(prefix + "short_out", layer.short_out, hidden, hidden);
    list.bias(prefix + "short_out", layer.short_out_bias, hidden, arch.has_short_bias);
}

/// The same of latent attention.
template <class Tensor, class Matrix>
void add_latent_attention(SlotList<Tensor, Matrix>& list, const Architecture& arch, const std::string& prefix,
                          LayerWeightsOf<Tensor, Matrix>& layer) {
    const LatentSettings& latent = arch.latent;
    const std::int64_t hidden = arch.hidden_size;
    const auto add_latent = [&](const std::string& name, Matrix& weight, Tensor& bias, Tensor& norm,
                                int rank) {
        list.matrix(prefix + name, weight, rank, hidden);
        list.bias(prefix + name, bias, rank, latent.has_bias);
        list.gain(prefix + name + "_norm", norm, rank);
    };
    if (latent.query_rank > 0) {
        add_latent("query_latent", layer.query_latent, layer.query_latent_bias, layer.query_latent_norm,
                   latent.query_rank);
    }
    list.matrix(prefix + "query", layer.query, arch.query_size(),
                latent.query_rank > 0 ? latent.query_rank : hidden);
    add_latent("key_latent", layer.key_latent, layer.key_latent_bias, layer.key_latent_norm, latent.key_rank);
    list.matrix(prefix + "key_rotary", layer.key_rotary, arch.rope.rotary_dim, hidden);
    list.bias(prefix + "key_rotary", layer.key_rotary_bias, arch.rope.rotary_dim, latent.has_bias);
    const std::int64_t heads = arch.num_heads;
    list.matrix(prefix + "key", layer.key, heads * arch.own_key_dim(), latent.key_rank);
    list.matrix(prefix + "value", layer.value, heads * latent.value_dim, latent.key_rank);
    list.residual(prefix + "output", layer.output, hidden, arch.query_size());
    list.bias(prefix + "output", layer.output_bias, hidden, arch.has_output_bias);
}

/// What some architectures have between projections and scores.
template <class Tensor, class Matrix>
void add_score_weights(SlotList<Tensor, Matrix>& list, const Architecture& arch, const std::string& prefix,
                       LayerWeightsOf<Tensor, Matrix>& layer) {
    if (arch.qk_norm != Architecture::QkNorm::None && arch.has_qk_norm_gain) {
        const bool is_wide = arch.qk_norm == Architecture::QkNorm::Whole || arch.has_qk_norm_gain_per_head;
        list.gain(prefix + "query_norm", layer.query_norm, layer.query_norm_bias,
                  is_wide ? arch.query_size() : arch.head_dim, arch.has_qk_norm_bias);
        list.gain(prefix + "key_norm", layer.key_norm, layer.key_norm_bias,
                  is_wide ? arch.kv_size() : arch.head_dim, arch.has_qk_norm_bias);
    }
    if (arch.score_bias == ScoreBias::Grid && arch.has_layer_grid)
        list.matrix(prefix + "grid_bias", layer.grid_bias, grid_steps(arch.patches), arch.num_heads);
    if (arch.has_sinks) list.zeros(prefix + "sinks", layer.sinks, arch.num_heads);
    if (arch.score_bias == ScoreBias::Buckets && arch.has_buckets_per_layer) {
        list.matrix(prefix + "relative_bias", layer.relative_bias,
                    std::max(arch.num_buckets, arch.num_bucket_rows), arch.num_heads);
    }
    if (arch.score_bias == ScoreBias::Relative) {
        list.matrix(prefix + "position_key", layer.position_key, arch.query_size(), arch.hidden_size);
        list.zeros(prefix + "distance_query_bias", layer.distance_query_bias, arch.query_size());
    }
    if (arch.score_bias != ScoreBias::Disentangled || arch.shares_position_projection) return;
    if (arch.has_content_to_position) {
        list.matrix(prefix + "position_key", layer.position_key, arch.query_size(), arch.hidden_size);
        list.bias(prefix + "position_key", layer.position_key_bias, arch.query_size(),
                  arch.has_qkv_bias && arch.has_position_key_bias);
    }
    if (arch.has_position_to_content) {
        list.matrix(prefix + "position_query", layer.position_query, arch.query_size(), arch.hidden_size);
        list.bias(prefix + "position_query", layer.position_query_bias, arch.query_size(), arch.has_qkv_bias);
    }
}

/// What ConvBERT has beside attention.
template <class Tensor, class Matrix>
void add_span_convolution(SlotList<Tensor, Matrix>& list, const Architecture& arch, const std::string& prefix,
                          LayerWeightsOf<Tensor, Matrix>& layer) {
    if (arch.span_kernel_size == 0) return;
    const std::int64_t width = arch.query_size(), hidden = arch.hidden_size, kernel = arch.span_kernel_size;
    list.filter(prefix + "span_depthwise", layer.span_depthwise, {hidden, 1, kernel});
    list.matrix(prefix + "span_key", layer.span_key, width, hidden);
    list.bias(prefix + "span_key", layer.span_key_bias, width, true);
    list.matrix(prefix + "span_value", layer.span_value, width, hidden);
    list.bias(prefix + "span_value", layer.span_value_bias, width, true);
    list.matrix(prefix + "span_kernel", layer.span_kernel, arch.num_heads * kernel, width);
    list.bias(prefix + "span_kernel", layer.span_kernel_bias, arch.num_heads * kernel, true);
    list.residual(prefix + "span_output", layer.span_output, hidden, width);
}

template <class Tensor, class Matrix>
void add_mlp(SlotList<Tensor, Matrix>& list, const Architecture& arch, const std::string& prefix,
             MlpWeightsOf<Tensor, Matrix>& mlp, std::int64_t inner, bool has_bias) {
    const std::int64_t hidden = arch.block_width();
    const bool has_inner_bias = has_bias && arch.has_inner_bias;
    if (arch.is_gated) {
        list.matrix(prefix + "gate", mlp.gate, inner, hidden);
        list.bias(prefix + "gate", mlp.gate_bias, inner, has_inner_bias);
    }
    list.matrix(prefix + "up", mlp.up, inner, hidden);
    list.bias(prefix + "up", mlp.up_bias, inner, has_inner_bias);
    list.residual(prefix + "down", mlp.down, hidden, inner);
    list.bias(prefix + "down", mlp.down_bias, hidden, has_bias && arch.has_down_bias);
    if (arch.activation == Activation::Xielu) list.zeros(prefix + "activation", mlp.activation, 4);
}

/// What leads into a narrower copy of the residual stream, through it and out again.
template <class Tensor, class Matrix>
void add_bottleneck(SlotList<Tensor, Matrix>& list, const Architecture& arch, const std::string& prefix,
                    LayerWeightsOf<Tensor, Matrix>& layer) {
    if (arch.bottleneck_size == 0) return;
    const std::int64_t hidden = arch.hidden_size, width = arch.bottleneck_size;
    list.matrix(prefix + "narrow", layer.narrow, width, hidden);
    list.bias(prefix + "narrow", layer.narrow_bias, width, true);
    list.norm(prefix + "narrow_norm", layer.narrow_norm, layer.narrow_norm_bias, arch, width);
    list.matrix(prefix + "narrow_query", layer.narrow_query, width, hidden);
    list.bias(prefix + "narrow_query", layer.narrow_query_bias, width, true);
    list.norm(prefix + "narrow_query_norm", layer.narrow_query_norm, layer.narrow_query_norm_bias, arch,
              width);
    layer.earlier_mlps.resize(static_cast<std::size_t>(arch.num_mlps - 1));
    for (std::size_t i = 0; i < layer.earlier_mlps.size(); ++i) {
        auto& mlp = layer.earlier_mlps[i];
        const std::string name = prefix + "mlps." + std::to_string(i) + ".";
        add_mlp(list, arch, name, mlp, arch.intermediate_size, arch.has_mlp_bias);
        list.norm(name + "norm", mlp.norm, mlp.norm_bias, arch, width);
    }
    list.residual(prefix + "widen", layer.widen, hidden, width);
    list.bias(prefix + "widen", layer.widen_bias, hidden, true);
    list.norm(prefix + "widen_norm", layer.widen_norm, layer.widen_norm_bias, arch, hidden);
}

template <class Tensor, class Matrix>
void add_experts(SlotList<Tensor, Matrix>& list, const Architecture& arch, const std::string& prefix,
                 LayerWeightsOf<Tensor, Matrix>& layer) {
    const MoeSettings& moe = arch.moe;
    list.matrix(prefix + "router", layer.router, moe.num_experts, arch.hidden_size);
    list.bias(prefix + "router", layer.router_bias, moe.num_experts, moe.has_bias);
    if (moe.has_choice_bias) list.zeros(prefix + "choice_bias", layer.choice_bias, moe.num_experts);
    layer.experts.resize(static_cast<std::size_t>(moe.num_experts));
    for (std::size_t i = 0; i < layer.experts.size(); ++i) {
        add_mlp(list, arch, prefix + "experts." + std::to_string(i) + ".", layer.experts[i], moe.expert_size,
                moe.has_bias);
    }
    if (moe.shared_expert_size == 0) return;
    add_mlp(list, arch, prefix + "shared_expert.", layer.shared_expert, moe.shared_expert_size,
            arch.has_mlp_bias);
    if (moe.has_shared_gate) list.matrix(prefix + "shared_gate", layer.shared_gate, 1, arch.hidden_size);
}

template <class Tensor, class Matrix>
void add_layer(SlotList<Tensor, Matrix>& list, const Architecture& arch, const std::string& prefix, int index,
               LayerWeightsOf<Tensor, Matrix>& layer) {
    const std::int64_t hidden = arch.block_width();
    add_bottleneck(list, arch, prefix, layer);
    const bool is_first =
        arch.norm_place != NormPlace::OnOutput;  // a norm before each part, or after its sum
    const bool is_last = arch.norm_place == NormPlace::OnOutput || arch.norm_place == NormPlace::Both;
    if (is_first && !(arch.skips_first_norm && index == 0)) {
        list.norm(prefix + "attention_norm", layer.attention_norm, layer.attention_norm_bias, arch, hidden);
    }
    if (!arch.has_attention(index)) {
        add_short_convolution(list, arch, prefix, layer);
    } else if (arch.is_latent()) {
        add_latent_attention(list, arch, prefix, layer);
    } else {
        add_attention(list, arch, prefix, layer);
    }
    if (arch.has_attention(index)) add_score_weights(list, arch, prefix, layer);
    add_span_convolution(list, arch, prefix, layer);
    if (arch.has_layer_scale) {
        Tensor none;
        list.gain(prefix + "attention_scale", layer.attention_scale, none, hidden, false);
        if (arch.has_mlp) list.gain(prefix + "mlp_scale", layer.mlp_scale, none, hidden, false);
    }
    if (is_last) {
        list.norm(prefix + "attention_output_norm", layer.attention_output_norm,
                  layer.attention_output_norm_bias, arch, hidden);
    }
    if (arch.has_cross_attention) {
        list.norm(prefix + "cross_norm", layer.cross_norm, layer.cross_norm_bias, arch, hidden);
        add_attention(list, arch, prefix + "cross_", layer.cross);
    }
    if (!arch.has_mlp) return;
    if (is_first && !arch.shares_norm) {
        list.norm(prefix + "mlp_norm", layer.mlp_norm, layer.mlp_norm_bias, arch, hidden);
    }
    if (arch.is_sparse(index)) {
        add_experts(list, arch, prefix, layer);
    } else {
        add_mlp(list, arch, prefix, layer, arch.intermediate_size, arch.has_mlp_bias);
    }
    if (is_last) {
        list.norm(prefix + "mlp_output_norm", layer.mlp_output_norm, layer.mlp_output_norm_bias, arch,
                  hidden);
    }
}

}  // namespace slots

}  // namespace headlight
