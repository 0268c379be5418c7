// The logit lens: the states between layers read with the last layer's head (causal.md c).
#pragma once

#include <cstdint>
#include <vector>

#include "core/matrix.h"

namespace headlight {

/// State l enters layer l, state L leaves the last one: that row is the model's output.
struct Lens {
    int num_states = 0, num_tokens = 0, top_k = 0;
    std::vector<std::int32_t> top_ids;  // [states, N, top_k] likeliest first
    std::vector<float> top_probs;       // the same, 0..1
    Matrix entropy, kl;                 // [states, N] nats; KL(output || lens)
    Matrix rank_final;                  // [states, N] of the row's final first token: strictly larger logits
    // Of the question, empty without one.
    Matrix rank_answer, rank_rival;  // [states, N]; rival's empty without a rival
    Matrix difference;               // [states, N] answer - rival (or - mean), logits as the model ends them
    Matrix probability;              // [states, N] of the answer
    Matrix logits_at;                // [states, vocab] at the question's row, when asked for

    std::size_t at(int state, int token) const {
        return (static_cast<std::size_t>(state) * static_cast<std::size_t>(num_tokens) +
                static_cast<std::size_t>(token)) *
               static_cast<std::size_t>(top_k);
    }
};

}  // namespace headlight
