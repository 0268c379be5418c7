// A tokenizer over a SentencePiece model file.
#pragma once

#include <string>

#include "base/result.h"
#include "tokenize/tokenizer.h"

namespace headlight {

/// `file` is a .model file; tokenizer_config.json beside it says whether BOS and EOS are added and which
/// special tokens are found when typed. Errors: Missing, Corrupt (the library does not take it), each naming
/// the file.
Result<TokenizerPtr> open_sentencepiece(const std::string& file);

}  // namespace headlight
