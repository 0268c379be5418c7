// The weights of a model under canonical names, whatever a family's files call them.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "model/architecture.h"

namespace headlight {

/// One block. Projections are [out, in] as torch::linear takes them; an absent weight is an undefined tensor.
struct LayerWeights {
    torch::Tensor attention_norm, attention_norm_bias;  // [hidden]
    torch::Tensor query, query_bias;                    // [num_heads * head_dim, hidden]
    torch::Tensor key, key_bias;                        // [num_kv_heads * head_dim, hidden]
    torch::Tensor value, value_bias;                    // [num_kv_heads * head_dim, hidden]
    torch::Tensor output, output_bias;                  // [hidden, num_heads * head_dim]
    torch::Tensor mlp_norm, mlp_norm_bias;              // [hidden]
    torch::Tensor gate, gate_bias;                      // [intermediate, hidden], gated models only
    torch::Tensor up, up_bias;                          // [intermediate, hidden]
    torch::Tensor down, down_bias;                      // [hidden, intermediate]
};

struct Weights {
    torch::Tensor token_embedding;     // [vocab, hidden]
    torch::Tensor position_embedding;  // [max_positions, hidden], learned positions only
    std::vector<LayerWeights> layers;
    torch::Tensor final_norm, final_norm_bias;  // [hidden]
    torch::Tensor head, head_bias;              // [vocab, hidden]; undefined when tied to the embedding
};

/// One weight that an architecture has.
struct WeightSlot {
    std::string name;                 // "layers.0.query", "token_embedding" ...
    std::vector<std::int64_t> shape;
    torch::Tensor* tensor = nullptr;  // where it lies in the Weights that were given
    bool is_norm_gain = false;        // starts at one
    bool is_bias = false;             // starts at zero
    bool writes_residual = false;     // output and down projections
};

/// Every weight that `arch` has, in the order of the forward pass. Sizes `weights.layers`. What is not listed is absent.
std::vector<WeightSlot> weight_slots(const Architecture& arch, Weights& weights);

/// Standard deviation of freshly drawn matrices where a config says nothing else (Radford et al. 2019).
inline constexpr double kInitialDeviation = 0.02;

/// Normal(0, deviation) matrices, residual projections divided by sqrt(2 num_layers), gains 1, biases 0; float32.
/// The same seed gives the same weights.
Weights random_weights(const Architecture& arch, std::uint64_t seed, double deviation = kInitialDeviation);

/// Number of weights, each stored tensor once.
std::int64_t count_parameters(const Architecture& arch);

}  // namespace headlight
