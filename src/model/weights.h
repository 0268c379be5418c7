// The weights of a model under canonical names, whatever a family's files call them.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/architecture.h"

namespace headlight {

/// One feed-forward part. Projections are [out, in] as torch::linear takes them; an absent weight is an
/// undefined tensor.
struct MlpWeights {
    torch::Tensor gate, gate_bias;  // [inner, hidden], gated only
    torch::Tensor up, up_bias;      // [inner, hidden]
    torch::Tensor down, down_bias;  // [hidden, inner]
};

/// Projections of one attention. Keys and values of cross-attention read the encoder's hidden states.
struct AttentionWeights {
    torch::Tensor query, query_bias;    // [num_heads * head_dim, hidden]
    torch::Tensor key, key_bias;        // [num_kv_heads * head_dim, hidden]
    torch::Tensor value, value_bias;    // [num_kv_heads * head_dim, hidden]
    torch::Tensor output, output_bias;  // [hidden, num_heads * head_dim]
};

/// One block. Norms are [hidden]; which of them there are follows from NormPlace.
struct LayerWeights : AttentionWeights, MlpWeights {
    torch::Tensor attention_norm, attention_norm_bias;  // before attention, or after the sum
    torch::Tensor attention_output_norm,
        attention_output_norm_bias;  // of what attention adds (OnOutput, Both)
    torch::Tensor mlp_norm, mlp_norm_bias;
    torch::Tensor mlp_output_norm, mlp_output_norm_bias;
    torch::Tensor query_norm, query_norm_bias;  // [head_dim], [num_heads * head_dim]
    torch::Tensor key_norm, key_norm_bias;      // [head_dim], [num_kv_heads * head_dim]
    torch::Tensor sinks;                        // [num_heads]
    torch::Tensor position_query,
        position_query_bias;  // [num_heads * head_dim, hidden], Disentangled with its own
    torch::Tensor position_key, position_key_bias;
    AttentionWeights cross;
    torch::Tensor cross_norm, cross_norm_bias;
    torch::Tensor router, router_bias;  // [experts, hidden]
    std::vector<MlpWeights> experts;
    MlpWeights shared_expert;
    torch::Tensor shared_gate;  // [1, hidden]
};

struct Weights {
    torch::Tensor token_embedding;  // [vocab, table width]
    torch::Tensor
        position_embedding;        // [max_positions + offset, hidden or table width], learned positions only
    torch::Tensor type_embedding;  // [types, table width]
    torch::Tensor embedding_norm, embedding_norm_bias;              // [table width]
    torch::Tensor embedding_projection, embedding_projection_bias;  // [hidden, table width]
    torch::Tensor relative_bias;                      // [num_buckets, num_heads], ScoreBias::Buckets
    torch::Tensor relative_embedding;                 // [2 spans, hidden], ScoreBias::Disentangled
    torch::Tensor relative_norm, relative_norm_bias;  // [hidden]
    torch::Tensor convolution,
        convolution_bias;  // [hidden, hidden / groups, kernel], [hidden]; beside block 0
    torch::Tensor convolution_norm, convolution_norm_bias;  // [hidden]
    std::vector<LayerWeights> layers;
    torch::Tensor final_norm, final_norm_bias;  // [hidden]
    torch::Tensor output_projection;            // [table width, hidden]
    torch::Tensor head_dense, head_dense_bias;  // [head size, hidden]
    torch::Tensor head_norm, head_norm_bias;    // [head size]
    torch::Tensor head, head_bias;     // [vocab, hidden]; `head` undefined when tied to the embedding
    std::shared_ptr<Weights> decoder;  // of an encoder-decoder
    torch::ScalarType compute_type =
        torch::kFloat32;  // of the hidden states, whatever the matrices are stored as
};

/// One weight that an architecture has.
struct WeightSlot {
    std::string name;  // "layers.0.query", "token_embedding", "decoder.layers.0.cross_query" ...
    std::vector<std::int64_t> shape;
    torch::Tensor* tensor = nullptr;  // where it lies in the Weights that were given
    bool is_norm_gain = false;        // starts at one
    bool is_bias = false;             // starts at zero
    bool writes_residual = false;     // output and down projections
};

/// Every weight that `arch` has. Sizes `weights.layers`, makes `weights.decoder` where there is none. What is
/// not listed is absent; of layers that share their weights the first is listed. Call share_weights() once
/// all are set.
std::vector<WeightSlot> weight_slots(const Architecture& arch, Weights& weights);

/// Points what two parts of a model share at one tensor: the embedding table of a decoder that has none of
/// its own, the weights of layers that are stored once (ALBERT).
void share_weights(const Architecture& arch, Weights& weights);

/// Rows of the relative embedding table of ScoreBias::Disentangled, to either side.
int relative_span(const Architecture& arch);

/// Standard deviation of freshly drawn matrices where a config says nothing else (Radford et al. 2019).
inline constexpr double kInitialDeviation = 0.02;

/// Normal(0, deviation) matrices, residual projections divided by sqrt(2 num_layers), gains 1, biases 0;
/// float32. The same seed gives the same weights.
Weights random_weights(const Architecture& arch, std::uint64_t seed, double deviation = kInitialDeviation);

/// Number of weights, each stored tensor once.
std::int64_t count_parameters(const Architecture& arch);

}  // namespace headlight
