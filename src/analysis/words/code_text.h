// Programs among texts: which look like one, and how they are cut into identifiers, numbers and operators.
#pragma once

#include <string_view>
#include <vector>

#include "analysis/words/text_breaks.h"

namespace headlight {

/// Half of the lines that are not blank, or more, show at least two signs of a program: a word that programs
/// begin lines with (def, import, return, #include ...), an end in ; { } ( [ : , or ), an operator (== != ->
/// =>
/// := += :: && || << a lone =), a call or an access written together (name( name[ name.name name_name), an
/// indentation. Prose has one at times, two hardly ever.
bool looks_like_code(std::string_view text);

/// Identifiers with underscores and digits, numbers with their points, operators (of several signs where
/// those belong together), every other sign by itself, runs of white space.
std::vector<TextSegment> code_segments(std::string_view text);

}  // namespace headlight
