// vocab.json + merges.txt -> a byte-level BPE tokenizer, as the slow tokenizers of the reference read them.
#pragma once

#include <string>

#include "base/result.h"
#include "tokenize/tokenizer.h"

namespace headlight {

/// `folder` holds vocab.json and merges.txt; special tokens, BOS and the prefix space come from
/// tokenizer_config.json, special_tokens_map.json and added_tokens.json beside them. Errors: Missing,
/// Corrupt.
Result<TokenizerPtr> open_bpe_vocab(const std::string& folder, const std::string& family);

}  // namespace headlight
