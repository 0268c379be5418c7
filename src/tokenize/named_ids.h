// Tokens that a class of the reference names by their text, found in a vocabulary that is read.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"
#include "tokenize/pipeline_tokenizer.h"

namespace headlight {

/// Id of a token by its text, -1 if there is none. `parts` has its model and its added tokens.
std::int32_t token_id(const TokenizerParts& parts, const std::string& content);

/// Puts the ids into a "post_processor" that lacks them: in a template the first of a token's "tokens" that
/// is known, in a pair the token of its text. Errors: Corrupt (a text that is no token).
Status look_up_ids(nlohmann::json& processor, const TokenizerParts& parts);

}  // namespace headlight
