// tokenizer.json -> a tokenizer. Shared by the families that read that file.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"
#include "tokenize/pipeline_tokenizer.h"

namespace headlight {

/// Reads `file` (tokenizer.json) and, for BOS alone, tokenizer_config.json beside it.
/// Errors: Corrupt, Unsupported, each naming the file.
Result<TokenizerPtr> open_tokenizer_json(const std::string& file, const std::string& family);

/// The same from content that was made elsewhere; `source` names it in errors and in Tokenizer::source().
Result<TokenizerPtr> make_json_tokenizer(const nlohmann::json& content, const nlohmann::json& config,
                                        const std::string& source, const std::string& family);

/// Id of the token that texts of this tokenizer start with: "bos_token" of the config, else what the
/// post-processor puts first, else a token that is known to mark the start of a document; -1 if there is
/// none.
std::int32_t find_bos(const TokenizerParts& parts, const nlohmann::json& config);

}  // namespace headlight
