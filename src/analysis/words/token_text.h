// From the display form of a token back to the text it stands for.
#pragma once

#include <string>

#include "core/token.h"

namespace headlight {

/// The text that a token stands for: spaces, newlines and bytes as they are, not as they are shown.
std::string token_text(const Token& token);

}  // namespace headlight
