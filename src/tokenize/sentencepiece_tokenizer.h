// A tokenizer over a SentencePiece model file.
#pragma once

#include <string>

#include "base/result.h"
#include "tokenize/tokenizer.h"

namespace headlight {

/// `file` is a .model file; tokenizer_config.json beside it says whether BOS and EOS are added and which
/// special tokens are found when typed, and to which class of the reference it belongs. Errors: Missing, Corrupt (no model),
/// Unsupported (a class that changes the ids in an unknown way), each naming the file.
Result<TokenizerPtr> open_sentencepiece(const std::string& file);

/// The model file for itself, whatever lies beside it. Errors: Missing, Corrupt.
Result<TokenizerPtr> open_sentencepiece_alone(const std::string& file);

}  // namespace headlight
