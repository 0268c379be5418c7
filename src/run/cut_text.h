// A text that is longer than a model takes, cut by tokens.
#pragma once

#include <cstddef>

#include "core/token.h"

namespace headlight {

/// Which end of a text falls away.
enum class CutEnd { None, Start, End };

/// The text with at most `most` tokens (0: as it is). As the reference's truncation does, tokens put around
/// the text stay, and those of the text fall away at that end alone; `text` and the spans follow. Where those
/// around it are already too many, they are what is left.
TokenizedText cut_text(TokenizedText text, std::size_t most, CutEnd end);

}  // namespace headlight
