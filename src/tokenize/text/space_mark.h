// SentencePiece's mark for a space.
#pragma once

#include <string>
#include <string_view>

namespace headlight {

inline constexpr std::string_view kSpaceMark = "\u2581";

/// `piece` with spaces in place of the marks.
std::string with_spaces(std::string_view piece);

}  // namespace headlight
