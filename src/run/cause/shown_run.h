// An analysed run as one of the weights shows it.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "core/cause/cell_factors.h"
#include "run/analyzed_run.h"
#include "run/cause/question_options.h"

namespace headlight {

/// Sets AnalyzedRun::shown, between units where the run has any: first on tokens, then gathered. Metrics and
/// tags stay those of the plain weights. `model` may hold nothing (stored attention): enough for Raw and
/// NoSink. Errors: InvalidInput (no model, no question where one is needed), Unsupported with the reason,
/// those of start_causal().
Status show_weights(AnalyzedRun& run, const LiveModel& model, WeightsShown weights,
                    const QuestionOptions& question, const JobContext& job);

/// "weights without the sink ...", "direct effect on ·Mary − ·John, logits": for reports and captions; empty
/// for plain weights.
std::string shown_weights_words(const AnalyzedRun& run);
std::string shown_weights_words(WeightsShown weights, const std::string& question);

}  // namespace headlight
