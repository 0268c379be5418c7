// The questions of a pattern study in words.
#pragma once

#include <vector>

#include "core/atlas.h"

namespace headlight {

/// From the numbers of the atlas: which layers and heads, which kinds, how consistent, does it make sense.
std::vector<AtlasAnswer> answer_questions(const Atlas& atlas);

}  // namespace headlight
