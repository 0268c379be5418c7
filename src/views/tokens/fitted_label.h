// Labels of tokens, words and sentences where there is little room.
#pragma once

#include <string>

#include "core/token.h"
#include "ui/shaped_text.h"

namespace headlight {

/// What a token shows, at most `room` pixels wide: where it is longer its middle gives way.
std::string fitted_label(const TokenizedText& tokens, int index, float room, const ui::ShapedStyle& style);

}  // namespace headlight
