// From the display form of a token back to the text it stands for.
#pragma once

#include <string>

#include "core/token.h"

namespace headlight {

/// The text that a token stands for: spaces, newlines and bytes as they are, not as they are shown.
std::string token_text(const Token& token);

/// Does text that no token shows, a space, stand between this token and the one that ends at `end_before`?
/// Tokenizers that cut at spaces (WordPiece) leave them out.
bool has_space_before(const Token& token, std::size_t end_before);

}  // namespace headlight
