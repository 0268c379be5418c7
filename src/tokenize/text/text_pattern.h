// What tokenizers look for in texts: a text, characters of a kind, or a regular expression.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/utf8.h"

namespace headlight {

struct PatternMatch {
    std::size_t begin = 0, end = 0;  // bytes
};

class TextPattern {
  public:
    using Finder = void (*)(std::string_view text, std::vector<PatternMatch>& out);

    /// A regular expression as Oniguruma reads it, which is the reference's engine too. Errors: Unsupported
    /// (Oniguruma does not take the pattern; with its words).
    static Result<TextPattern> compile(const std::string& pattern);
    /// Matches this very text; an empty one matches between all characters, as in the reference.
    static Result<TextPattern> literal(const std::string& text);
    /// Matches what `finder` finds: for patterns of the tokenizers themselves, which need no engine.
    static TextPattern made_of(Finder finder);

    /// All matches from left to right, in bytes of `text` (valid UTF-8), appended to `out`. Safe from any
    /// thread. Errors: Unsupported (the pattern goes back and forth in this text for longer than Oniguruma
    /// allows).
    Status find_all(std::string_view text, std::vector<PatternMatch>& out) const;

  private:
    struct Compiled;
    std::shared_ptr<const Compiled> compiled_;
    Finder finder_ = nullptr;
    std::string literal_;
};

/// The characters for which `is_one` holds, each a match.
template <bool (*is_one)(char32_t)>
void find_characters(std::string_view text, std::vector<PatternMatch>& out) {
    for (std::size_t i = 0; i < text.size();) {
        const utf8::Decoded c = utf8::decode(text, i);
        if (is_one(c.code_point)) out.push_back({i, i + c.size_bytes});
        i += c.size_bytes;
    }
}

}  // namespace headlight
