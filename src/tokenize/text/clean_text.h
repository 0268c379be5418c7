// A text made valid UTF-8, with the way back to the bytes that were given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headlight {

class CleanText {
  public:
    /// Invalid sequences become U+FFFD, as Python's errors="replace" does.
    explicit CleanText(std::string_view given);

    const std::string& text() const { return text_; }
    /// Byte offset in the given text of a character boundary in the clean one.
    std::size_t given_offset(std::size_t clean_offset) const {
        return given_offsets_.empty() ? clean_offset : given_offsets_[clean_offset];
    }

  private:
    std::string text_;
    std::vector<std::size_t> given_offsets_;  // [text_.size() + 1]; empty if nothing was replaced
};

/// Byte offset `count` code points after `begin`, at most `end`. `text` is valid UTF-8.
std::size_t advance_code_points(std::string_view text, std::size_t begin, std::size_t end, std::size_t count);

/// Grows [begin, end) to whole characters. `text` is valid UTF-8.
void expand_to_characters(std::string_view text, std::size_t& begin, std::size_t& end);

}  // namespace headlight
