// The parameter tensors of the attention blocks: are they there, finite, and of as many different heads as
// they say?
#pragma once

#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/parameter_health.h"
#include "model/weights/loaded_model.h"

namespace headlight {

/// Projections of q, k, v and output with their biases, layer by layer, under the names of the checkpoint
/// ("layers.0.query" for random weights). Norms are not among them. Heads are compared in matrices only.
/// Errors: Cancelled.
Result<std::vector<ParameterHealth>> attention_parameters_of(const LoadedModel& model, const JobContext& job);

}  // namespace headlight
