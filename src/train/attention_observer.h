// Looks at the attention of a model under training: the metrics of analysis/checkpoint_metrics.h on a fixed
// sample, measured with the trainer's own forward pass, and the spectra of its weights.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/weights/checkpoint_metrics.h"
#include "base/progress.h"
#include "base/result.h"
#include "train/language_model.h"

namespace headlight {

/// What is looked at each time. Fixed for a run, so that a row differs from the one before by the weights
/// alone.
struct ObservedSample {
    std::vector<std::vector<std::int32_t>> texts;    // of one length
    std::vector<std::vector<std::int32_t>> repeats;  // [BOS] X X; empty where the task has no text
    int block = 0;                                   // length of X
};

/// Patterns of the texts (all of one length) through the model's forward pass, one trace each.
/// Errors: Cancelled; Internal when the pass gave no pattern.
Result<std::vector<TracePtr>> capture_patterns(const LanguageModel& model,
                                               std::span<const std::vector<std::int32_t>> texts,
                                               const JobContext& job);

/// The spectrum metrics of every head, [HeadGrid][metric].
Result<WeightAnalysis> observe_spectra(const LanguageModel& model, const JobContext& job);

/// The names of attention_metrics(), induction_score where there are repeats, and weight_norm: the norm of
/// all weights together.
Result<CheckpointMetrics> observe_model(const LanguageModel& model, std::span<const Parameter> parameters,
                                        const ObservedSample& sample, const JobContext& job);

}  // namespace headlight
