// Changed passes of one text that begin at one layer, as a stack.
#pragma once

#include <span>
#include <vector>

#include "core/intervention.h"
#include "kernel/kv_cache.h"
#include "model/batch/stack.h"

namespace headlight {

/// Final hidden states, one [N, D] a change, of passes over `entering` [N, D], which enters `first_layer`.
/// Nothing is captured. Empty when the progress stopped them.
std::vector<torch::Tensor> run_changed_stack(const Architecture& arch, const Weights& weights,
                                             const torch::Tensor& entering, int first_layer,
                                             std::span<const std::vector<Intervention>> changes,
                                             KvCache& cache, const JobContext& job, BatchProgress& progress);

}  // namespace headlight
