// The weights metrics of every head of a model.
#pragma once

#include "analysis/text_analysis.h"
#include "base/progress.h"
#include "base/result.h"
#include "core/model_runner.h"

namespace headlight {

/// Reads the weights of all heads and computes every weights metric, on up to `num_threads` threads; the
/// report callback is called from all of them. Errors: Cancelled, those of head_weights().
Result<WeightAnalysis> analyze_weights(const ModelRunner& runner, const JobContext& job, int num_threads);

}  // namespace headlight
