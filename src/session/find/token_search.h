// Finding words in the tokens of a text.
#pragma once

#include <string_view>
#include <vector>

#include "core/token.h"

namespace headlight {

/// Indices of the tokens in which an occurrence of `words` begins, in order. ASCII letters match without case
/// unless one of `words` is a capital. Tokens that come from no text (ids, special tokens) are looked at by
/// what they display. "id:123" finds the tokens of that id. Empty for no words.
std::vector<int> find_tokens(const TokenizedText& text, std::string_view words);

}  // namespace headlight
