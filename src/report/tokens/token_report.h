// The tokens of a text, for people and for programs.
#pragma once

#include <string>

#include "core/token.h"
#include "report/json_out.h"

namespace headlight {

/// A line a token: index, id, span in code points or in bytes, piece as it is shown.
std::string token_table(const TokenizedText& text, bool counts_bytes);

/// {"ids", "tokens", "offsets": [[begin, end], ...]}
Json token_ids_json(const TokenizedText& text, bool counts_bytes);

}  // namespace headlight
