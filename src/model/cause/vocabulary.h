// All tokens of a model as states of a layer, each alone in a text, and what is read off them (causal.md d).
#pragma once

#include <torch/types.h>

#include <functional>

#include "core/cause/circuit.h"
#include "model/weights/loaded_model.h"

namespace headlight {

/// What leaves the first block for ids [T] int64, each alone in a text, [T, D].
torch::Tensor after_first_block(const LoadedModel& model, const torch::Tensor& ids);

/// Stream vectors [.., D] to scores of all tokens [.., vocab]: the final norm's gain (divisor 1, no bias) and
/// the output table, without logit scale and bias.
torch::Tensor unit_scores(const LoadedModel& model, const torch::Tensor& x);

/// scale * q . k of queries [n, head_dim] and keys [m, head_dim] at distance 0, as `layer` rotates there.
torch::Tensor scores_at_distance_0(const LoadedModel& model, int layer, const torch::Tensor& queries,
                                   const torch::Tensor& keys);

/// What can be computed once for a model. The model must outlive it.
class Vocabulary {
  public:
    explicit Vocabulary(const LoadedModel& model) : model_(model) {}

    /// Mean over the vocabulary of the output table, [width] float32.
    const torch::Tensor& mean_row();
    /// States of the ids [T], [T, D].
    torch::Tensor states(const torch::Tensor& ids, TokenState state) const;
    /// body(begin, states [block, D]) over the whole vocabulary. First-block states are kept where they fit.
    /// Errors: Cancelled.
    Status for_each_block(TokenState state, const JobContext& job,
                          const std::function<void(std::int64_t begin, const torch::Tensor&)>& body);

  private:
    const LoadedModel& model_;
    torch::Tensor mean_row_;
    std::vector<torch::Tensor> first_block_;  // of the blocks so far; empty where they would not fit
};

}  // namespace headlight
