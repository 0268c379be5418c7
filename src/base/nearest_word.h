// What somebody may have meant who wrote a name that there is not.
#pragma once

#include <span>
#include <string>

namespace headlight {

/// The word of `candidates` with the fewest edits to `word`, or that begins with it; empty when none is near.
std::string nearest_word(const std::string& word, std::span<const std::string> candidates);

}  // namespace headlight
