// A tokenizer over a SentencePiece model file.
#pragma once

#include <string>

#include "base/result.h"
#include "tokenize/files/sentencepiece_proto.h"
#include "tokenize/tokenizer.h"

namespace headlight {

inline constexpr const char* kSentencePieceFamily = "sentencepiece_model";

/// The model file for itself, whatever lies beside it: the pieces that SentencePiece gives, nothing put
/// around them. Errors: Missing, Corrupt.
Result<TokenizerPtr> open_sentencepiece_alone(const std::string& file);

/// What the file says, with its table of characters checked. Errors: Missing, Corrupt, naming the file.
Result<SentencePieceProto> read_sentencepiece(const std::string& file);

}  // namespace headlight
