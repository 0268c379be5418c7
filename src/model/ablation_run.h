// Ablations of one text through a loaded model: the unchanged pass once, then every change from its first
// layer on.
#pragma once

#include <memory>
#include <span>

#include "base/progress.h"
#include "base/result.h"
#include "core/model_runner.h"
#include "model/model_runner.h"
#include "model/weights/loaded_model.h"

namespace headlight {

/// As ModelRunner::start_ablation says. The model must outlive the run; its own cache and rows are untouched.
Result<std::unique_ptr<AblationRun>> start_ablation_run(LoadedModel& model, ThreadSetting threads,
                                                        std::span<const std::int32_t> ids,
                                                        const JobContext& job);

}  // namespace headlight
