// An expression about heads, cut into words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace headlight {

struct HeadQueryWord {
    enum class Kind { Name, Number, Sign, End };
    Kind kind = Kind::End;
    std::string text;    // signs as HeadQuery writes them; names in lower case
    double number = 0;   // Kind::Number; of "5 %" 0.05
    std::size_t at = 0;  // bytes before it
};

/// "at 12", counted from 1.
std::string query_place(std::size_t at);

/// With Kind::End as the last. "&&", "||", "!" and "==" are read as and, or, not and =. Errors: InvalidInput
/// with the place.
Result<std::vector<HeadQueryWord>> head_query_words(std::string_view text);

}  // namespace headlight
