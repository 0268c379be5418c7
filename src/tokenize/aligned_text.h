// Text on its way through normalisation: every character knows which bytes of the source it came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headlight {

/// Half-open range of bytes of the source text, on character boundaries.
struct SourceRange {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

class AlignedText {
  public:
    AlignedText() = default;
    /// The source itself, from byte `shift` on: no table is kept.
    AlignedText(std::string_view text, std::size_t shift) : text_(text), shift_(shift), is_identity_(true) {}

    const std::string& text() const { return text_; }

    /// Source bytes of the characters that [begin, end) touches; begin < end <= text().size().
    SourceRange source(std::size_t begin, std::size_t end) const;

    /// A copy of [begin, end), which are character boundaries.
    AlignedText slice(std::size_t begin, std::size_t end) const;

    /// Adds bytes of one character (or a part of it) that came from `range`. Only for texts built piece by
    /// piece.
    void append(std::string_view bytes, SourceRange range);

    /// Puts `prefix` before a text that is not empty: as in the reference it shares the range of the first
    /// character.
    AlignedText prepended(std::string_view prefix) const;

  private:
    std::string text_;
    std::vector<SourceRange> ranges_;  // per byte of text_; unused while is_identity_
    std::size_t shift_ = 0;
    bool is_identity_ = false;
};

/// A stretch of an AlignedText, or an added token that was found in it.
struct TextSection {
    const AlignedText* text = nullptr;
    std::size_t begin = 0, end = 0;  // bytes of text->text()
    std::int32_t added_id = -1;      // >= 0: this is that token, and no later step touches it

    std::string_view view() const { return std::string_view(text->text()).substr(begin, end - begin); }
};

}  // namespace headlight
