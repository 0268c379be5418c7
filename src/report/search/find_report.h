// Heads that were found by a drawing or a rule, for people and for programs.
#pragma once

#include <string>

#include "report/json_out.h"
#include "run/search/search_text.h"

namespace headlight {

/// The best heads in order, with what the nulls said; `num_shown` of them.
std::string find_text(const FindResult& result, int num_shown);

/// A list, all heads layer by layer: {"layer", "head", "mass", "null", "lift", "kappa", "cosine", "pearson",
/// "p", "q", "p_rows", "q_rows", "p_heads", "rows"}; null where a value does not exist.
Json find_json(const FindResult& result);

}  // namespace headlight
