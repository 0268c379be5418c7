// What targets share: every value behind a file that opened.
#pragma once

#include "io/checkpoint/checkpoint.h"
#include "tokenize/tokenizer.h"

namespace headlight::fuzz {

/// Numbers of every tensor. Errors: the first that is no Unsupported element type.
Status read_every_tensor(const Checkpoint& checkpoint);

/// Every token, several texts to ids and back. Errors: those of from_ids on the tokenizer's own ids. Ends the
/// program where a span lies outside its text, an id outside the vocabulary.
Status use_tokenizer(const Tokenizer& tokenizer);

}  // namespace headlight::fuzz
