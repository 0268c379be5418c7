// What a head does while the model writes: copying and retrieval. Measured by the probes of a scan, not on a
// typed text.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace headlight {

/// One step of greedy decoding.
struct DecodingStep {
    std::int32_t argmax_key = -1;  // position the head looked at most when this token was chosen
    std::int32_t generated_id = -1;
};

/// Retrieval score (Wu et al. 2024): share of the needle's positions that the head looked at while the model
/// wrote the very token that stands there. `context_ids` [num_keys] is the prompt, with the needle at
/// [needle_begin, needle_end). Each position counts once, so 0..1. nullopt for an empty needle or one outside
/// the prompt.
std::optional<double> retrieval_score(std::span<const DecodingStep> steps,
                                      std::span<const std::int32_t> context_ids, int needle_begin,
                                      int needle_end);

/// Behavioural copying (Wang et al. 2022): share of tokens whose own id is among the `top_k` largest logits
/// of the head's output for it. `ranks` are 0-based; negative ranks (not measured) are left out. nullopt when
/// none is left.
std::optional<double> copy_score(std::span<const int> ranks, int top_k = 5);

/// What a head that knows nothing reaches: top_k / vocab_size.
double copy_null(int vocab_size, int top_k = 5);

}  // namespace headlight
