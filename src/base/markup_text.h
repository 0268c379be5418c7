// Text inside HTML, XML and SVG.
#pragma once

#include <string>
#include <string_view>

namespace headlight {

/// & < > and " as entities: right as the text of an element and inside a value between double quotes, which
/// is how all markup of this program is written.
std::string escape_markup(std::string_view text);

/// Text of strangers that is to be seen as it is: control characters but tab and line feed, characters that
/// turn the writing direction and those that no document may hold are written out ("[U+202E]"), a byte that
/// is no UTF-8 becomes U+FFFD, and "…" stands for what comes after `most_code_points`.
std::string visible_text(std::string_view text, std::size_t most_code_points = 100'000);

}  // namespace headlight
