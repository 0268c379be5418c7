// The weights of a model under canonical names, whatever a family's files call them; for any types of
// vectors and matrices, so that names and shapes are known without LibTorch.
#pragma once

#include <memory>
#include <vector>

namespace headlight {

/// One feed-forward part. Projections are [out, in] as torch::linear takes them; an absent weight is a
/// tensor as it is default-constructed (LibTorch: undefined).
template <class Tensor, class Matrix>
struct MlpWeightsOf {
    Matrix gate;  // [inner, hidden], gated only
    Tensor gate_bias;
    Matrix up;  // [inner, hidden]
    Tensor up_bias;
    Matrix down;  // [hidden, inner]
    Tensor down_bias;
    Tensor activation;  // [4] alpha_p, alpha_n, beta, eps of Activation::Xielu
};

/// One of several feed-forward parts, with the norm after its sum.
template <class Tensor, class Matrix>
struct NormedMlpWeightsOf : MlpWeightsOf<Tensor, Matrix> {
    Tensor norm, norm_bias;
};

/// Projections of one attention. Keys and values of cross-attention read the encoder's hidden states.
template <class Tensor, class Matrix>
struct AttentionWeightsOf {
    Matrix query;  // [num_heads * head_dim, hidden]
    Tensor query_bias;
    Matrix key;  // [num_kv_heads * head_dim, hidden]
    Tensor key_bias;
    Matrix value;  // [num_kv_heads * head_dim, hidden]
    Tensor value_bias;
    Matrix output;  // [hidden, num_heads * head_dim]
    Tensor output_bias;
};

/// One block. Norms are [hidden]; which of them there are follows from NormPlace.
template <class Tensor, class Matrix>
struct LayerWeightsOf : AttentionWeightsOf<Tensor, Matrix>, MlpWeightsOf<Tensor, Matrix> {
    Tensor attention_norm, attention_norm_bias;  // before attention, or after the sum
    Tensor attention_output_norm,
        attention_output_norm_bias;  // of what attention adds (OnOutput, Both)
    Tensor mlp_norm, mlp_norm_bias;
    Tensor mlp_output_norm, mlp_output_norm_bias;
    Tensor query_norm, query_norm_bias;  // [head_dim], [num_heads * head_dim]
    Tensor key_norm, key_norm_bias;      // [head_dim], [num_kv_heads * head_dim]
    Tensor sinks;                        // [num_heads]
    // Latent attention: query [.., query rank], key [num_heads * own_key_dim, key rank], value [num_heads *
    // value_dim, key rank] read these; columns of `output` beyond a head's value_dim are zeros.
    Matrix query_latent, key_latent;  // [rank, hidden]
    Tensor query_latent_bias, key_latent_bias;
    Tensor query_latent_norm, key_latent_norm;  // [rank]
    Matrix key_rotary;                          // [rotary_dim, hidden]
    Tensor key_rotary_bias;
    Tensor attention_scale, mlp_scale;  // [hidden], as stored: they are in the output projections, too
    Matrix grid_bias;                   // [grid_steps(), num_heads], ScoreBias::Grid
    Matrix position_query,
        position_key;  // [num_heads * head_dim, hidden], Disentangled with its own, Relative
    Tensor position_query_bias, position_key_bias;
    Matrix short_in;  // [3 hidden, hidden]: b, c, x of a short convolution
    Tensor short_in_bias;
    Tensor short_filter, short_filter_bias;  // [hidden, 1, kernel], [hidden]
    Matrix short_out;                        // [hidden, hidden]
    Tensor short_out_bias;
    Tensor distance_query_bias;  // [num_heads * head_dim], Relative: the query's, in place of query_bias
    Matrix relative_bias;        // [num_buckets, num_heads], ScoreBias::Buckets with a table per layer
    Tensor span_depthwise;       // [hidden, 1, kernel]
    Matrix span_key, span_value, span_kernel, span_output;  // [num_heads * head_dim, hidden] twice,
                                                            // [num_heads * kernel, num_heads * head_dim],
                                                            // [hidden, num_heads * head_dim]
    Tensor span_key_bias, span_value_bias, span_kernel_bias;
    AttentionWeightsOf<Tensor, Matrix> cross;
    Tensor cross_norm, cross_norm_bias;
    Matrix narrow, narrow_query, widen;  // [bottleneck, hidden] twice, [hidden, bottleneck]
    Tensor narrow_bias, narrow_query_bias, widen_bias;
    Tensor narrow_norm, narrow_norm_bias, narrow_query_norm, narrow_query_norm_bias, widen_norm,
        widen_norm_bias;
    std::vector<NormedMlpWeightsOf<Tensor, Matrix>> earlier_mlps;  // those before the last
    Matrix router;                                                 // [experts, hidden]
    Tensor router_bias;
    Tensor choice_bias;  // [experts]
    std::vector<MlpWeightsOf<Tensor, Matrix>> experts;
    MlpWeightsOf<Tensor, Matrix> shared_expert;
    Matrix shared_gate;  // [1, hidden]
};

/// All of a model. `Whole` is the struct that derives from this one, which a decoder is as well.
template <class TensorType, class MatrixType, class Whole>
struct WeightsOf {
    using Tensor = TensorType;
    using Matrix = MatrixType;

    Tensor patch_embedding, patch_embedding_bias;  // [hidden, channels, patch height, patch width], [hidden]
    Tensor class_token, distillation_token;        // [hidden]
    Tensor register_tokens;                        // [registers, hidden]
    Tensor patch_positions;     // [class and distillation token, patches row by row; hidden]
    Matrix token_embedding;     // [vocab, table width]
    Matrix position_embedding;  // [max_positions + offset, hidden or table width], learned positions only
    Matrix type_embedding;      // [types, table width]
    Matrix task_embedding;      // [task types, table width]
    Tensor rotary_frequencies;  // [rotary_dim / 2], StoredRotation::Frequencies
    Tensor rotary_table;        // [max_positions, rotary_dim] sines, then cosines; StoredRotation::Table
    Tensor embedding_norm, embedding_norm_bias;  // [table width]
    Matrix embedding_projection;                 // [hidden, table width]
    Tensor embedding_projection_bias;
    Matrix relative_bias;                      // [num_buckets or grid_steps(), num_heads], Buckets or Grid
    Matrix relative_embedding;                 // [2 spans, hidden], ScoreBias::Disentangled
    Tensor relative_norm, relative_norm_bias;  // [hidden]
    Tensor convolution,
        convolution_bias;  // [hidden, hidden / groups, kernel], [hidden]; beside block 0
    Tensor convolution_norm, convolution_norm_bias;  // [hidden]
    std::vector<LayerWeightsOf<Tensor, Matrix>> layers;
    Tensor final_norm, final_norm_bias;  // [hidden]
    Matrix output_projection;            // [table width, hidden]
    Matrix head_dense;                   // [head size, hidden]
    Tensor head_dense_bias;
    Tensor head_norm, head_norm_bias;  // [head size]
    Matrix head;                       // [vocab, hidden]; undefined when tied to the embedding
    Matrix head_rest;                  // [vocab, head_rest_size]
    Tensor head_bias;
    std::shared_ptr<Whole> decoder;  // of an encoder-decoder
};

}  // namespace headlight
