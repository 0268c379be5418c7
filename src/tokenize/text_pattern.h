// Regular expressions of tokenizers, by ICU.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace headlight {

struct PatternMatch {
    std::size_t begin = 0, end = 0;  // bytes
};

class TextPattern {
  public:
    /// Errors: Unsupported (ICU does not take the pattern; says where).
    static Result<TextPattern> compile(const std::string& pattern);
    /// Matches this very text.
    static TextPattern literal(const std::string& text);

    /// All matches from left to right, in bytes of `text` (valid UTF-8), appended to `out`. Safe from any
    /// thread. A pattern that backtracks without end stops matching there: the rest of the text counts as
    /// unmatched.
    void find_all(std::string_view text, std::vector<PatternMatch>& out) const;

  private:
    struct Compiled;
    std::shared_ptr<const Compiled> compiled_;  // null for a literal
    std::string literal_;
};

}  // namespace headlight
