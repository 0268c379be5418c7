// A tokenizer file in its folder, as the reference's AutoTokenizer reads it: the folder's settings say which
// class it belongs to, and the class says what the file means.
#pragma once

#include <string>

#include "base/result.h"
#include "tokenize/tokenizer.h"

namespace headlight {

/// `file`: tokenizer.json, vocab.txt, vocab.json (with merges.txt beside it) or a SentencePiece .model;
/// `family`: the registry's id. A vocab.txt without a class is BERT's, a vocab.json GPT-2's. Errors: Missing,
/// Corrupt, Unsupported (a class that is not read here, or that does not read this file: its name), each
/// naming the file.
Result<TokenizerPtr> open_in_folder(const std::string& file, const std::string& family);

}  // namespace headlight
