// Byte spans of tokens as code points, which is how other programs count.
#pragma once

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "core/token.h"

namespace headlight {

class CodePointOffsets {
  public:
    explicit CodePointOffsets(std::string_view text) : starts_(utf8::code_point_index(text)) {}

    /// Begin and end (exclusive). A token that holds part of a character spans all of it.
    std::pair<std::uint32_t, std::uint32_t> of(const Token& token) const {
        const std::size_t last = starts_.size() - 1;
        const std::size_t begin = std::min(token.byte_begin, last), end = std::min(token.byte_end, last);
        if (begin >= end) return {starts_[begin], starts_[begin]};
        return {starts_[begin + 1] - 1, starts_[end]};
    }

  private:
    std::vector<std::uint32_t> starts_;  // [bytes + 1]: code points that start before each byte
};

}  // namespace headlight
