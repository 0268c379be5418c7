// The order of effects, and numbers that a model may not have.
#pragma once

#include <optional>
#include <vector>

#include "run/ablate/ablate_result.h"

namespace headlight {

/// Effects with the largest loss of quality first: by delta, by KL where there is no loss.
std::vector<AblationEffect> ranked_effects(const AblateResult& result);

/// Nothing for NaN, which stands for a loss that the model does not have.
std::optional<double> known(double value);

}  // namespace headlight
