// Ids that are no ordinary text: what probes of random tokens must not draw.
#pragma once

#include <vector>

#include "tokenize/tokenizer.h"

namespace headlight {

/// [vocab_size], true for special tokens, bytes and other fragments that are no text, and ids that the
/// tokenizer does not know. Reads every token once.
std::vector<bool> excluded_ids(const Tokenizer& tokenizer, int vocab_size);

}  // namespace headlight
