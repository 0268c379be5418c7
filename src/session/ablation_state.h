// What the window knows about ablations: what is replaced, what came of it, and the sweep over all heads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/cause/question.h"
#include "run/ablate/ablate_result.h"
#include "run/ablation_result.h"
#include "study/ablation/sweep.h"

namespace headlight {

/// Which run of a text with replaced attention the views show. Difference: after minus before.
enum class Compare { Before, After, Difference };
/// "before", "after", "difference".
const char* to_string(Compare compare);

/// Every head replaced in turn, as far as it has come. Immutable; a newer one takes its place.
struct SweepState {
    std::uint64_t base_id = 0;  // AnalyzedText::id
    InterventionMode mode = InterventionMode::ZeroOutput;
    std::optional<Question> question;              // what heads are measured by; none: the loss of the text
    AblationMetric metric = AblationMetric::Loss;  // what they are ranked by
    int num_heads = 0;                             // of the model
    std::vector<AblationEffect> effects;           // in the order in which they came, one head each
    bool is_running = false;
    std::string error;  // why it ended early; empty if it did not

    /// What the answer, or the text, loses with that change; above 0 the head helped. For KL what changed.
    double cost(const AblationEffect& effect) const;
    /// "change of the loss, nats", "logit difference lost" ...: what the costs are.
    const char* cost_label() const;
    const char* cost_unit() const;
    /// Null while that head is not done.
    const AblationEffect* find(HeadId head) const;
};

}  // namespace headlight
