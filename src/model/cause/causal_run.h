// A recorded pass behind the engine's interface.
#pragma once

#include <memory>
#include <span>

#include "core/cause/causal_run.h"
#include "model/ablation_run.h"
#include "model/cause/vocabulary.h"

namespace headlight {

/// Is this question one of the model and of a text of `num_tokens`? Errors: InvalidInput, Unsupported (the
/// model predicts nothing).
Status check_question(const LoadedModel& model, const Question& question, std::size_t num_tokens);

/// As ModelRunner::start_causal says. Model and vocabulary must outlive the run.
Result<std::unique_ptr<CausalRun>> start_causal_run(LoadedModel& model, Vocabulary& vocabulary,
                                                    ThreadSetting threads, std::span<const std::int32_t> ids,
                                                    const JobContext& job,
                                                    std::span<const std::int32_t> encoder_ids = {},
                                                    const torch::Tensor& encoder_hidden = {});

}  // namespace headlight
