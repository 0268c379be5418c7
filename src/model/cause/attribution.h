// Direct logit attribution of a recorded pass (causal.md b).
#pragma once

#include "core/cause/attribution.h"
#include "core/cause/question.h"
#include "model/cause/frozen_stream.h"

namespace headlight {

/// Directions of a question in the output table, [K, width]: the answer, the mean of the vocabulary, and the
/// rival where there is one; and what the output bias adds to each logit.
struct AnswerDirections {
    torch::Tensor rows;         // [K, width]
    std::vector<float> biases;  // [K]
    bool has_rival = false;
};

/// `mean_row` [width]: mean over the vocabulary of the output table.
AnswerDirections directions_of(const LoadedModel& model, const Question& question,
                               const torch::Tensor& mean_row);

/// The model must be one of which why_no_attribution() has nothing to say.
Attribution attribute_answer(const LoadedModel& model, const Recording& recording, const FrozenStream& stream,
                             const Question& question, const torch::Tensor& mean_row);

/// Attribution::answer_rank: every part's vector at the question's row carried to all logits.
std::vector<int> answer_ranks(const LoadedModel& model, const Recording& recording,
                              const FrozenStream& stream, const Question& question,
                              const std::vector<Component>& components);

}  // namespace headlight
