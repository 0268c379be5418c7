// What an ablation found, for programs.
#pragma once

#include "report/json_out.h"
#include "run/ablate/ablate_result.h"

namespace headlight {

/// {"model", "text", "texts", "mode", "title", "effects": [{"heads", "base_loss", "loss", "delta", ...}],
/// "query", "before", "after", "tokens"}; effects of a sweep with the largest delta first.
Json ablation_json(const AblateResult& result);

}  // namespace headlight
