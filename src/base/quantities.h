// Sizes and times in words for people.
#pragma once

#include <string>

namespace headlight {

/// "1 h 05 min", "3 min 20 s", "12 s"
std::string duration_text(double seconds);
/// "538.1 MB"
std::string size_text(double bytes);

}  // namespace headlight
