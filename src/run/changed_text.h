// Ablations of one text. Runs on the model worker.
#pragma once

#include <cstdint>
#include <memory>

#include "base/progress.h"
#include "base/result.h"
#include "run/ablation_result.h"
#include "run/live_model.h"
#include "run/text_run.h"

namespace headlight {

/// The unchanged pass of one text, kept for its ablations. Must go before the model that made it.
struct LiveAblation {
    std::uint64_t text_id = 0;  // AnalyzedText::id
    std::unique_ptr<AblationRun> run;

    void reset() { run.reset(), text_id = 0; }
};

/// Carries the interventions out on a text that `model` ran; the unchanged pass is made when it is not kept
/// yet. `after_id` becomes the id of the changed text. Errors: those of start_ablation and apply, Cancelled.
Result<std::shared_ptr<const AblationResult>> run_ablation(const LiveModel& model, LiveAblation& live,
                                                           const AnalyzedText& text,
                                                           const Interventions& interventions,
                                                           std::uint64_t after_id, int num_threads,
                                                           const JobContext& job);

/// Logits of the changed run after `query`, [1, vocab]. Errors: as run_ablation.
Result<Matrix> run_changed_logits(const LiveModel& model, LiveAblation& live, const AnalyzedText& text,
                                  const Interventions& interventions, int query, const JobContext& job);

/// Next-token predictions of the changed run after `query`. Errors: as run_ablation.
Result<QueryPredictions> run_changed_predictions(const LiveModel& model, LiveAblation& live,
                                                 const AnalyzedText& text, const Interventions& interventions,
                                                 int query, const JobContext& job);

}  // namespace headlight
