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
    return cost_of(effect, metric).value_or(effect.delta);
}

const char* SweepState::cost_label() const {
    switch (metric) {
        case AblationMetric::Loss:
            return "change of the loss, nats";
        case AblationMetric::Kl:
            return "KL from the unchanged answer, nats";
        case AblationMetric::Probability:
            return "probability lost";
        case AblationMetric::Logit:
            return "logit lost";
        case AblationMetric::Difference:
            return "logit difference lost";
    }
    return "";
}

const char* SweepState::cost_unit() const {
    if (metric == AblationMetric::Probability) return "";
    return metric == AblationMetric::Loss || metric == AblationMetric::Kl ? "nats" : "logits";
}

}  // namespace headlight
