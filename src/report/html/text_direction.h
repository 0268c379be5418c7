// Which way a text is read.
#pragma once

#include <string_view>

namespace headlight {

/// Whether more letters of the text are written from right to left than from left to right.
bool reads_right_to_left(std::string_view text);

}  // namespace headlight
