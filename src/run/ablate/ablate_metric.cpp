// What changes of an ablation are ranked by.
#include <cmath>

#include "run/ablate/ablate_result.h"

namespace headlight {
namespace {

constexpr AblationMetric kAblationMetrics[] = {AblationMetric::Loss, AblationMetric::Kl,
                                               AblationMetric::Probability, AblationMetric::Logit,
                                               AblationMetric::Difference};

}  // namespace

const char* to_string(AblationMetric metric) {
    switch (metric) {
        case AblationMetric::Loss:
            return "loss";
        case AblationMetric::Kl:
            return "kl";
        case AblationMetric::Probability:
            return "probability";
        case AblationMetric::Logit:
            return "logit";
        case AblationMetric::Difference:
            return "difference";
    }
    return "";
}

std::optional<AblationMetric> ablation_metric(std::string_view name) {
    for (const AblationMetric metric : kAblationMetrics) {
        if (name == to_string(metric)) return metric;
    }
    return std::nullopt;
}

std::optional<double> cost_of(const AblationEffect& effect, AblationMetric metric) {
    if (metric == AblationMetric::Loss)
        return std::isnan(effect.delta) ? std::nullopt : std::optional(effect.delta);
    if (!effect.answer || !effect.base_answer)
        return metric == AblationMetric::Kl ? effect.mean_kl : std::nullopt;
    const AnswerMetrics &base = *effect.base_answer, &now = *effect.answer;
    switch (metric) {
        case AblationMetric::Probability:
            return base.probability - now.probability;
        case AblationMetric::Logit:
            return base.answer_logit - now.answer_logit;
        case AblationMetric::Difference:
            return base.difference - now.difference;
        default:
            return now.kl;
    }
}

}  // namespace headlight
