// Files of ranked byte strings: one token a line, base64 and rank (OpenAI's tiktoken; Llama 3's
// tokenizer.model, Qwen 1).
#pragma once

#include <string>

#include "base/result.h"
#include "tokenize/tokenizer.h"

namespace headlight {

/// Does the file begin with a line of base64 and a number? Never fails.
bool looks_like_tiktoken(const std::string& path);

/// The file holds neither the expression that cuts words nor the special tokens: both go with a published
/// vocabulary, found by the file's name or the number of its tokens. `family`: the registry's id. Errors:
/// Corrupt (line, what was expected), Unsupported (a vocabulary that is not known), each naming the file.
Result<TokenizerPtr> open_tiktoken(const std::string& file, const std::string& family);

}  // namespace headlight
