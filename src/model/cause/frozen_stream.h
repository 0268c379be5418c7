// The residual stream of one pass as a chain of linear steps: parts add to it, and norms whose divisors are
// frozen at what they were (causal.md 0, b). From a part to the logits the way is then linear, so a direction
// in the logits can be carried back to each part, and a vector that a part adds forward to the logits.
#pragma once

#include <torch/types.h>

#include <optional>
#include <string>
#include <vector>

#include "core/cause/attribution.h"
#include "model/cause/recording.h"

namespace headlight {

/// N(x)_i = gain * C(x)_i / s_i + bias with s_i of the pass. Without gain 1, without bias 0.
struct FrozenNorm {
    torch::Tensor gain, bias;  // [D] or undefined
    bool is_centring = false;  // C takes the mean over D away
    torch::Tensor inverse;     // [N] 1 / s_i

    /// gain * C(x) [.., D], without the divisor.
    torch::Tensor scaled(const torch::Tensor& x) const;
    /// What `scaled` is to a direction: C(gain * u).
    torch::Tensor back(const torch::Tensor& direction) const;
};

/// A norm of the architecture by its gain alone: no bias, no divisor. Without norms the identity.
FrozenNorm norm_of(const Architecture& arch, const torch::Tensor& gain);

struct StreamStep {
    enum class Kind { Attention, Cross, Mlp, Norm };
    Kind kind = Kind::Norm;
    int layer = 0;
    Component norm_bias;  // Norm: whose bias this is
    FrozenNorm norm;
};

class FrozenStream {
  public:
    /// The model must outlive it.
    FrozenStream(const LoadedModel& model, const Recording& recording);

    const std::vector<StreamStep>& steps() const { return steps_; }
    /// The norm on what attention adds in `layer`; null without one.
    const FrozenNorm* attention_output(int layer) const;
    /// A norm stands between the parts and the sums: all of them are frozen.
    bool all_norms_frozen() const { return all_norms_frozen_; }

    /// Directions in the logits [K, vocab width] (rows of the output table, times the logit scale) as they
    /// act on what leaves the last step.
    torch::Tensor start(const torch::Tensor& table_rows) const;
    /// Carries vectors [K, D] that attention of `layer` adds at `row` to the logits [K, vocab], before bias
    /// and cap. `layer` -1: they enter layer 0.
    torch::Tensor to_logits(torch::Tensor vectors, int layer, int row) const;
    /// A vector one step further, at `row`; parts leave it as it is.
    static torch::Tensor pass(const StreamStep& step, const torch::Tensor& vectors, int row);
    /// What left the last step as logits [K, vocab], before bias and cap.
    torch::Tensor project_out(const torch::Tensor& vectors) const;

  private:
    FrozenNorm freeze(const torch::Tensor& x, const torch::Tensor& gain, const torch::Tensor& bias) const;
    void add_norm(int layer, int part, const torch::Tensor& x, const torch::Tensor& gain,
                  const torch::Tensor& bias);
    void add_layer(const Recording& recording, int layer);

    const LoadedModel& model_;
    std::vector<StreamStep> steps_;
    std::vector<std::optional<FrozenNorm>> attention_output_;  // [L]
    bool all_norms_frozen_ = false;
};

/// Why no part of this model adds linearly to its logits; empty: it does.
std::string why_no_attribution(const LoadedModel& model);

/// The table whose rows are the directions of the tokens, [vocab, width].
const WeightMatrix& output_table(const LoadedModel& model);

}  // namespace headlight
