// Direct logit attribution: what each part of a model adds to the logit of an answer (causal.md b).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/head_id.h"
#include "core/matrix.h"

namespace headlight {

/// A part that adds to the residual stream, or to the logits directly.
struct Component {
    enum class Kind {
        Embedding,      // the token's row, scaled and normed as the model does
        Position,       // learned positions
        Head,           // with its value bias
        AttentionBias,  // the output projection's
        Mlp,            // the whole feed-forward part, its biases and output norm
        CrossHead,      // cross-attention of a decoder
        NormBias,       // of a norm that the stream passes (all norms frozen)
        FinalNormBias,
        UnembedBias,
    };
    Kind kind = Kind::Embedding;
    int layer = -1, head = -1;  // where the kind has one
    int part = 0;               // NormBias: after which part, 0 attention, 1 the MLP, 2 cross-attention
    bool operator==(const Component&) const = default;
};

/// "embed", "pos", "L3H1", "attn_bias.L3", "mlp.L3", "norm_bias.L3.attn", "final_norm_bias", "unembed_bias".
std::string to_string(const Component& component);

/// Contributions sum over the components to the logit before a soft-cap, at every row. N tokens.
struct Attribution {
    std::vector<Component> components;  // [C], in the order of the sum
    Matrix answer, rival, vocab_mean;   // [C, N] contribution to the answer's logit, the rival's (empty
                                        // without one) and the mean logit of the vocabulary
    std::vector<float> answer_logit, rival_logit, mean_logit;  // [N] what they sum to: logits before the cap
    std::vector<int> answer_rank;  // [C] tokens that the component raises more than the answer at the
                                   // question's row; empty unless asked for
    double largest_error = 0;      // of the sums over all rows, relative to max(1, |logit|)
    double cap_slope = 1;  // d logit / d (logit before the cap) of the answer at the row, 1 without a cap
    bool all_norms_frozen = false;  // the stream passes norms after each sum: not to be ranked against models
                                    // whose parts only add

    /// What component `index` adds at `row` to answer minus rival, or without a rival to the centred logit.
    float effect(std::size_t index, int row) const {
        const Matrix& from = rival.empty() ? vocab_mean : rival;
        const auto at = static_cast<std::int64_t>(index);
        return answer.at(at, row) - from.at(at, row);
    }
    /// What all components add to: the logit difference, or the centred logit.
    float total(int row) const {
        const auto at = static_cast<std::size_t>(row);
        return answer_logit[at] - (rival.empty() ? mean_logit : rival_logit)[at];
    }
};

}  // namespace headlight
