#include "model/weights.h"

#include <torch/utils.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/normal.h>

#include <cmath>

namespace headlight {
namespace {

/// Collects slots; a bias is listed only when the architecture has it.
class SlotList {
  public:
    void matrix(const std::string& name, torch::Tensor& tensor, std::int64_t rows, std::int64_t cols) {
        slots_.push_back({name, {rows, cols}, &tensor});
    }
    void residual(const std::string& name, torch::Tensor& tensor, std::int64_t rows, std::int64_t cols) {
        matrix(name, tensor, rows, cols);
        slots_.back().writes_residual = true;
    }
    void bias(const std::string& name, torch::Tensor& tensor, std::int64_t size, bool is_present) {
        if (!is_present) return;
        slots_.push_back({name + "_bias", {size}, &tensor});
        slots_.back().is_bias = true;
    }
    void norm(const std::string& name, torch::Tensor& gain, torch::Tensor& shift, const Architecture& arch) {
        if (arch.norm == NormKind::None) return;
        slots_.push_back({name, {arch.hidden_size}, &gain});
        slots_.back().is_norm_gain = true;
        bias(name, shift, arch.hidden_size, arch.has_norm_bias);
    }
    std::vector<WeightSlot> take() { return std::move(slots_); }

  private:
    std::vector<WeightSlot> slots_;
};

void add_layer(SlotList& list, const Architecture& arch, const std::string& prefix, LayerWeights& layer) {
    const std::int64_t hidden = arch.hidden_size, inner = arch.intermediate_size;
    list.norm(prefix + "attention_norm", layer.attention_norm, layer.attention_norm_bias, arch);
    list.matrix(prefix + "query", layer.query, arch.query_size(), hidden);
    list.bias(prefix + "query", layer.query_bias, arch.query_size(), arch.has_qkv_bias);
    list.matrix(prefix + "key", layer.key, arch.kv_size(), hidden);
    list.bias(prefix + "key", layer.key_bias, arch.kv_size(), arch.has_qkv_bias);
    list.matrix(prefix + "value", layer.value, arch.kv_size(), hidden);
    list.bias(prefix + "value", layer.value_bias, arch.kv_size(), arch.has_qkv_bias);
    list.residual(prefix + "output", layer.output, hidden, arch.query_size());
    list.bias(prefix + "output", layer.output_bias, hidden, arch.has_output_bias);
    list.norm(prefix + "mlp_norm", layer.mlp_norm, layer.mlp_norm_bias, arch);
    if (arch.is_gated) {
        list.matrix(prefix + "gate", layer.gate, inner, hidden);
        list.bias(prefix + "gate", layer.gate_bias, inner, arch.has_mlp_bias);
    }
    list.matrix(prefix + "up", layer.up, inner, hidden);
    list.bias(prefix + "up", layer.up_bias, inner, arch.has_mlp_bias);
    list.residual(prefix + "down", layer.down, hidden, inner);
    list.bias(prefix + "down", layer.down_bias, hidden, arch.has_mlp_bias);
}

}  // namespace

std::vector<WeightSlot> weight_slots(const Architecture& arch, Weights& weights) {
    weights.layers.resize(static_cast<std::size_t>(arch.num_layers));
    SlotList list;
    list.matrix("token_embedding", weights.token_embedding, arch.vocab_size, arch.hidden_size);
    if (arch.position == PositionKind::Learned) {
        list.matrix("position_embedding", weights.position_embedding, arch.max_positions, arch.hidden_size);
    }
    for (std::size_t i = 0; i < weights.layers.size(); ++i) {
        add_layer(list, arch, "layers." + std::to_string(i) + ".", weights.layers[i]);
    }
    list.norm("final_norm", weights.final_norm, weights.final_norm_bias, arch);
    if (!arch.is_head_tied) list.matrix("head", weights.head, arch.vocab_size, arch.hidden_size);
    list.bias("head", weights.head_bias, arch.vocab_size, arch.has_head_bias);
    return list.take();
}

Weights random_weights(const Architecture& arch, std::uint64_t seed, double deviation) {
    Weights weights;
    const at::Generator generator = at::detail::createCPUGenerator(seed);
    for (WeightSlot& slot : weight_slots(arch, weights)) {
        if (slot.is_norm_gain) {
            *slot.tensor = torch::ones(slot.shape, torch::kFloat32);
        } else if (slot.is_bias) {
            *slot.tensor = torch::zeros(slot.shape, torch::kFloat32);
        } else {
            const double std = slot.writes_residual ? deviation / std::sqrt(2.0 * arch.num_layers) : deviation;
            *slot.tensor = torch::empty(slot.shape, torch::kFloat32).normal_(0.0, std, generator);
        }
    }
    return weights;
}

std::int64_t count_parameters(const Architecture& arch) {
    Weights empty;
    std::int64_t total = 0;
    for (const WeightSlot& slot : weight_slots(arch, empty)) {
        std::int64_t elements = 1;
        for (const std::int64_t size : slot.shape) elements *= size;
        total += elements;
    }
    return total;
}

}  // namespace headlight
