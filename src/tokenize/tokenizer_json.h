// tokenizer.json -> a tokenizer. Shared by the families that read that file.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"
#include "tokenize/pipeline_tokenizer.h"

namespace headlight {

/// Reads `file` (tokenizer.json) and, for the tokens that have a role, tokenizer_config.json beside it.
/// Errors: Corrupt, Unsupported, each naming the file.
Result<TokenizerPtr> open_tokenizer_json(const std::string& file, const std::string& family);

/// The same from content that was made elsewhere; `source` names it in errors and in Tokenizer::source().
Result<TokenizerPtr> make_json_tokenizer(const nlohmann::json& content, const nlohmann::json& config,
                                        const std::string& source, const std::string& family);

/// Finds the ids that have a role. BOS: "bos_token" of the config, else what the post-processor puts first, else a token that is
/// known to mark the start of a document; EOS and mask in the same way. -1 where there is none.
void note_named_ids(TokenizerParts& parts, const nlohmann::json& config);

}  // namespace headlight
