// White space as Python's str.strip() has it.
#pragma once

#include <cstddef>
#include <string_view>

namespace headlight {

bool is_python_space(char32_t c);

/// Bytes of white space at the beginning of a text.
std::size_t past_white_space(std::string_view text);

/// Where the white space at its end begins.
std::size_t before_white_space(std::string_view text);

}  // namespace headlight
