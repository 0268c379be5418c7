// The clearest tags of an atlas, for the terminal.
#pragma once

#include <string>

#include "core/atlas.h"

namespace headlight {

/// One line a tag, the clearest 24, then what the controls found.
std::string atlas_text(const Atlas& atlas);

}  // namespace headlight
