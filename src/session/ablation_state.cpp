#include "session/ablation_state.h"

#include <algorithm>

namespace headlight {

const char* to_string(Compare compare) {
    switch (compare) {
        case Compare::Before:
            return "before";
        case Compare::After:
            return "after";
        case Compare::Difference:
            return "difference";
    }
    return "before";
}

const AblationEffect* SweepState::find(HeadId head) const {
    const auto found = std::find_if(effects.begin(), effects.end(), [head](const AblationEffect& effect) {
        return effect.heads.size() == 1 && effect.heads.front() == head;
    });
    return found == effects.end() ? nullptr : &*found;
}

double SweepState::cost(const AblationEffect& effect) const {
    if (!question || !effect.answer || !effect.base_answer) return effect.delta;
    if (metric == AnswerMetric::Kl) return effect.answer->kl;
    return value_of(*effect.base_answer, metric) - value_of(*effect.answer, metric);
}

const char* SweepState::cost_label() const {
    if (!question) return "change of the loss, nats";
    if (metric == AnswerMetric::Kl) return "KL from the unchanged answer, nats";
    return metric == AnswerMetric::Difference ? "logit difference lost" : "probability lost";
}

const char* SweepState::cost_unit() const {
    if (!question || metric == AnswerMetric::Kl) return "nats";
    return metric == AnswerMetric::Difference ? "logits" : "";
}

}  // namespace headlight
