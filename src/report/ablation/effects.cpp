// By what effects are ranked.
#include "report/ablation/effects.h"

#include <algorithm>
#include <cmath>

namespace headlight {

std::optional<double> known(double value) {
    return std::isnan(value) ? std::nullopt : std::optional(value);
}

std::vector<AblationEffect> ranked_effects(const AblateResult& result) {
    std::vector<AblationEffect> ranked = result.effects;
    const auto key = [&](const AblationEffect& effect) { return cost_of(effect, result.metric).value_or(0); };
    std::stable_sort(ranked.begin(), ranked.end(),
                     [&](const AblationEffect& a, const AblationEffect& b) { return key(a) > key(b); });
    return ranked;
}

}  // namespace headlight
