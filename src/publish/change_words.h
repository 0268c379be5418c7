// Replaced attention in words: "zero 5.1,2.0; scale 1.3 factor=2; knock_out 1.3 edges=7>2; uniform 3.*; zero
// mlp=3".
#pragma once

#include <string>

#include "base/result.h"
#include "core/model_spec.h"
#include "run/ablation_result.h"

namespace headlight {

/// Errors: InvalidInput with the word that is wrong.
Result<Interventions> parse_changes(const std::string& words, const ModelSpec& spec);

/// What parse_changes() reads as these. Errors: Unsupported (given patterns: no words hold them).
Result<std::string> change_words(const Interventions& changes, HeadGrid grid);

}  // namespace headlight
