// Text for TeX.
#pragma once

#include <string>
#include <string_view>

namespace headlight {

/// Text as TeX prints it: what it reads otherwise is escaped, typography that older engines do not know is
/// named, control characters are blanks.
std::string tex_text(std::string_view text);

}  // namespace headlight
