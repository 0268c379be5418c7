// The content of a tokenizer.json -> a tokenizer.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"
#include "tokenize/pipeline_tokenizer.h"

namespace headlight {

/// `content`: a tokenizer.json, or what a class of the reference makes of other files (class_build.h), whose
/// tokens around texts may lack their ids. `config`: texts of the tokens that have a role. `source` names the
/// file in errors and in Tokenizer::source(). Errors: Corrupt, Unsupported, each naming the file.
/// `model`: what stands in for the content's "model" where it was read from elsewhere; null: nothing.
Result<TokenizerPtr> make_json_tokenizer(const nlohmann::json& content, const nlohmann::json& config,
                                         const std::string& source, const std::string& family,
                                         std::shared_ptr<const WordModel> model = nullptr);

/// Finds the ids that have a role. BOS: "bos_token" of the config, else what the post-processor puts first,
/// else a token that is known to mark the start of a document; EOS and mask in the same way. -1 where there
/// is none.
void note_named_ids(TokenizerParts& parts, const nlohmann::json& config);

}  // namespace headlight
