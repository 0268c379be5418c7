// What the training observer and `watch` measure of one state of a model, under fixed names that a log keeps.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/text_analysis.h"
#include "core/attention_trace.h"
#include "core/head_weights.h"

namespace headlight {

/// Values by name; nullopt: not measurable in this state (a zero matrix, no valid row).
using CheckpointMetrics = std::map<std::string, std::optional<double>>;

/// The spectrum metrics of W_QK that document_metrics() names, of one head.
std::vector<MetricValue> observed_spectrum(const HeadWeights& weights);

/// document_metrics() of the mean over `texts` (each text counts the same), and beside it
///   sink_share       mean over heads of the weight on the first token
///   previous_score   the head that looks most at the token before: mean weight there
/// Every trace has the same layers and heads. Empty without texts.
CheckpointMetrics attention_metrics(std::span<const TracePtr> texts, const WeightAnalysis& weights);

/// The best head's weight on the token that followed the earlier copy, over the second copy of texts [BOS] X
/// X of distinct tokens (Olsson et al. 2022), mean over the texts; nullopt without texts. `block` is the
/// length of X.
std::optional<double> induction_score(std::span<const TracePtr> repeats, int block);

}  // namespace headlight
