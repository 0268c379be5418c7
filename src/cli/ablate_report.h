// What `ablate` found, for people and for programs.
#pragma once

#include <string>

#include "cli/json_out.h"
#include "run/ablate/ablate_text.h"

namespace headlight {

std::string ablation_text_report(const AblateResult& result);

/// {"model", "text", "texts", "mode", "title", "effects": [{"heads", "base_loss", "loss", "delta", ...}],
/// "query", "before", "after", "tokens"}; effects of a sweep with the largest delta first.
Json ablation_json(const AblateResult& result);

/// Effects with the largest loss of quality first: by delta, by KL where there is no loss.
std::vector<AblationEffect> ranked_effects(const AblateResult& result);

}  // namespace headlight
