// What an ablation found, for people.
#pragma once

#include <string>

#include "run/ablate/ablate_result.h"

namespace headlight {

std::string ablation_text(const AblateResult& result);

}  // namespace headlight
