// The ModelRunners of the engine: one over a checkpoint, one over random weights.
#pragma once

#include <atomic>
#include <memory>

#include "base/progress.h"
#include "base/result.h"
#include "core/model_runner.h"
#include "core/open_request.h"

namespace headlight {

/// Threads of the next runs, set by the engine for all of its runners; 0 = automatic.
using ThreadSetting = std::shared_ptr<const std::atomic<int>>;

/// Maps the checkpoint, checks every name and shape. Errors as Engine::open_model says.
Result<std::unique_ptr<ModelRunner>> open_model_runner(const OpenModelRequest& request, const JobContext& job,
                                                       ThreadSetting threads);

/// The architecture of a checkpoint's config with freshly drawn weights; the same seed gives the same.
/// Errors: as opening.
Result<std::unique_ptr<ModelRunner>> random_copy_runner(const OpenModelRequest& request, std::uint64_t seed,
                                                        ThreadSetting threads);

/// Errors: InvalidInput (sizes that do not make a model, unknown family).
Result<std::unique_ptr<ModelRunner>> random_model_runner(const RandomModelRequest& request,
                                                         ThreadSetting threads);

}  // namespace headlight
