// Passes of several texts at once, with capture: what ModelRunner::run_batch() does.
#pragma once

#include <span>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/run_request.h"
#include "kernel/block_pool.h"
#include "model/weights/loaded_model.h"

namespace headlight {

/// The requests are checked already, want no value norms, and the model is no encoder-decoder. Errors:
/// Cancelled, Corrupt (weights that are not finite).
Result<std::vector<RunResult>> run_stacked(LoadedModel& model, const BlockPoolPtr& pool,
                                           std::span<const RunRequest> requests, int num_threads,
                                           const JobContext& job);

}  // namespace headlight
