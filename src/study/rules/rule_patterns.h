// Rules with their regular expressions, which Oniguruma reads.
#pragma once

#include <string>
#include <string_view>

#include "analysis/search/token_rule.h"

namespace headlight {

/// TokenRule::parse() with expressions. One expression may take a second of this thread's time in all, and
/// each of its searches as many steps as the tokenizers allow; then it is an error (Unsupported). Errors: as
/// TokenRule::parse().
Result<TokenRule> read_rule(std::string_view text);

}  // namespace headlight
