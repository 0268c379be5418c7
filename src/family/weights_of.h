// The weights of a model under canonical names, whatever a family's files call them; for any type of tensor,
// so that names and shapes are known without LibTorch.
#pragma once

#include <memory>
#include <vector>

namespace headlight {

/// One feed-forward part. Projections are [out, in] as torch::linear takes them; an absent weight is a
/// tensor as it is default-constructed (LibTorch: undefined).
template <class Tensor>
struct MlpWeightsOf {
    Tensor gate, gate_bias;  // [inner, hidden], gated only
    Tensor up, up_bias;      // [inner, hidden]
    Tensor down, down_bias;  // [hidden, inner]
};

/// Projections of one attention. Keys and values of cross-attention read the encoder's hidden states.
template <class Tensor>
struct AttentionWeightsOf {
    Tensor query, query_bias;    // [num_heads * head_dim, hidden]
    Tensor key, key_bias;        // [num_kv_heads * head_dim, hidden]
    Tensor value, value_bias;    // [num_kv_heads * head_dim, hidden]
    Tensor output, output_bias;  // [hidden, num_heads * head_dim]
};

/// One block. Norms are [hidden]; which of them there are follows from NormPlace.
template <class Tensor>
struct LayerWeightsOf : AttentionWeightsOf<Tensor>, MlpWeightsOf<Tensor> {
    Tensor attention_norm, attention_norm_bias;  // before attention, or after the sum
    Tensor attention_output_norm,
        attention_output_norm_bias;  // of what attention adds (OnOutput, Both)
    Tensor mlp_norm, mlp_norm_bias;
    Tensor mlp_output_norm, mlp_output_norm_bias;
    Tensor query_norm, query_norm_bias;  // [head_dim], [num_heads * head_dim]
    Tensor key_norm, key_norm_bias;      // [head_dim], [num_kv_heads * head_dim]
    Tensor sinks;                        // [num_heads]
    Tensor position_query,
        position_query_bias;  // [num_heads * head_dim, hidden], Disentangled with its own
    Tensor position_key, position_key_bias;
    AttentionWeightsOf<Tensor> cross;
    Tensor cross_norm, cross_norm_bias;
    Tensor router, router_bias;  // [experts, hidden]
    std::vector<MlpWeightsOf<Tensor>> experts;
    MlpWeightsOf<Tensor> shared_expert;
    Tensor shared_gate;  // [1, hidden]
};

/// All of a model. `Whole` is the struct that derives from this one, which a decoder is as well.
template <class TensorType, class Whole>
struct WeightsOf {
    using Tensor = TensorType;

    Tensor token_embedding;     // [vocab, table width]
    Tensor position_embedding;  // [max_positions + offset, hidden or table width], learned positions only
    Tensor type_embedding;      // [types, table width]
    Tensor embedding_norm, embedding_norm_bias;              // [table width]
    Tensor embedding_projection, embedding_projection_bias;  // [hidden, table width]
    Tensor relative_bias;                                    // [num_buckets, num_heads], ScoreBias::Buckets
    Tensor relative_embedding;                               // [2 spans, hidden], ScoreBias::Disentangled
    Tensor relative_norm, relative_norm_bias;                // [hidden]
    Tensor convolution,
        convolution_bias;  // [hidden, hidden / groups, kernel], [hidden]; beside block 0
    Tensor convolution_norm, convolution_norm_bias;  // [hidden]
    std::vector<LayerWeightsOf<Tensor>> layers;
    Tensor final_norm, final_norm_bias;  // [hidden]
    Tensor output_projection;            // [table width, hidden]
    Tensor head_dense, head_dense_bias;  // [head size, hidden]
    Tensor head_norm, head_norm_bias;    // [head size]
    Tensor head, head_bias;              // [vocab, hidden]; `head` undefined when tied to the embedding
    std::shared_ptr<Whole> decoder;      // of an encoder-decoder
};

}  // namespace headlight
