// Interventions, checked against the model and the text before anything is computed.
#pragma once

#include <span>

#include "base/result.h"
#include "core/intervention.h"
#include "family/architecture.h"

namespace headlight {

/// Heads, edges, patterns and outputs must fit a text of `num_tokens` tokens. Errors: InvalidInput, saying
/// which.
Status check_interventions(const Architecture& arch, std::span<const Intervention> interventions,
                           int num_tokens);

}  // namespace headlight
