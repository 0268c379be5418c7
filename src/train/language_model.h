// The engine's own differentiable forward pass, as the trainer uses it: rows of ids in, loss out.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "core/train_request.h"
#include "family/architecture.h"
#include "model/weights/weights.h"
#include "train/adamw.h"
#include "train/data/batch_sampler.h"

namespace headlight {

inline constexpr double kNormEpsilon = 1e-5;

class LanguageModel {
  public:
    virtual ~LanguageModel() = default;

    /// Mean loss over the targets that are not masked, nats a token; part of a graph unless gradients are
    /// off.
    virtual Result<at::Tensor> loss(const Batch& batch) const = 0;
    /// The same as a number.
    Result<double> evaluate(const Batch& batch) const;
    virtual const Architecture& architecture() const = 0;
    virtual const Weights& weights() const = 0;
};

/// The Llama model that the request describes: no biases, output not tied, one key-value head per head.
Architecture make_architecture(const TrainRequest& request, int vocab_size);

/// Name in a Llama checkpoint of a weight slot of the model: "layers.0.query" is
/// "model.layers.0.self_attn.q_proj.weight".
std::string checkpoint_name(const std::string& slot);

/// Name of a weight in a checkpoint of our own family: the slot's.
std::string own_name(const std::string& slot);

/// A model over the given weights, which are shared, not copied: an update of them is an update of the model.
/// `name_of` says what the parameters call a slot. Errors: Internal when a weight is absent or has another
/// shape.
Result<std::unique_ptr<LanguageModel>> make_language_model(
    const Architecture& arch, std::span<const Parameter> parameters,
    std::string (*name_of)(const std::string&) = checkpoint_name);

}  // namespace headlight
