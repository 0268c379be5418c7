// OV and QK circuits of heads over the vocabulary (causal.md d).
#pragma once

#include "model/cause/vocabulary.h"

namespace headlight {

/// As ModelRunner::circuits says.
Result<Circuits> circuits_of(const LoadedModel& model, Vocabulary& vocabulary, const CircuitRequest& request,
                             const JobContext& job);

/// What a query [1, head_dim] of `head` asks for among all tokens, as first-block states, centred, [vocab].
Result<torch::Tensor> asked_for(const LoadedModel& model, Vocabulary& vocabulary, HeadId head,
                                const torch::Tensor& query, const JobContext& job);

/// Both ends of `scores` [vocab].
TokenRanking ranking_of(const torch::Tensor& scores, int count, const std::vector<bool>& is_ordinary);

}  // namespace headlight
