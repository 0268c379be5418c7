// Direct attribution of one prompt or many.
#pragma once

#include <memory>
#include <vector>

#include "core/cause/causal_run.h"
#include "run/cause/prompts.h"

namespace headlight {

/// What a component does over all prompts: effects on answer minus rival (or the centred logit).
struct ComponentEffect {
    Component component;
    PromptMean effect;
};

struct AttributionResult {
    std::shared_ptr<const ModelInfo> model;
    std::vector<Prompt> prompts;
    std::vector<AnswerMetrics> answers;       // of each prompt
    std::vector<ComponentEffect> components;  // in the order of the sum
    PromptMean total;                         // what they sum to, before a soft-cap
    double largest_error = 0;                 // over all prompts and rows
    // Of the first prompt.
    Attribution first;
    CellFactors cells;               // of Effect
    std::unique_ptr<CausalRun> run;  // the model must outlive it

    /// Effect of each key of the question's row through one head, [N]; sums to the head's effect.
    std::vector<float> by_source(HeadId head) const;
    /// Indices of components, largest |mean| first.
    std::vector<std::size_t> ranking() const;
};

/// `wants_ranks`: Attribution::answer_rank of the first prompt. Errors: Unsupported with the reason,
/// InvalidInput, Cancelled, those of the engine.
Result<AttributionResult> attribute_prompts(const LiveModel& model, std::vector<Prompt> prompts,
                                            bool wants_ranks, const JobContext& job);

}  // namespace headlight
