// Text on its way through normalisation: every character knows which bytes of the source it came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headlight {

/// Half-open range of bytes of the source text, on character boundaries.
struct SourceRange {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

/// A character of a changed text, and what it does to the old one: 0 stands for the next old character, 1 is
/// new, -n stands for the next one and the n after it.
struct CharChange {
    char32_t c = 0;
    int change = 0;
};

class AlignedText {
  public:
    AlignedText() = default;
    /// The source itself, from byte `shift` on: no table is kept.
    AlignedText(std::string_view text, std::size_t shift)
        : text_(text),
          origin_{static_cast<std::uint32_t>(shift), static_cast<std::uint32_t>(shift + text.size())},
          is_identity_(true) {}

    const std::string& text() const { return text_; }

    /// Source bytes of the characters that [begin, end) touches; begin < end <= text().size().
    SourceRange source(std::size_t begin, std::size_t end) const;

    /// A copy of [begin, end), which are character boundaries.
    AlignedText slice(std::size_t begin, std::size_t end) const;

    /// Replaces the whole text by `changes`; the first `num_removed` old characters stand for nothing. Ranges
    /// come out as the reference's do, also where it is odd: a new character has the range of what stands
    /// before it, one that is taken away may shift those of its neighbours, and text with an empty range at
    /// the front (see replace()) stays there, too.
    void transform(std::span<const CharChange> changes, std::size_t num_removed = 0);

    /// Puts `content` in place of each of `matches` (bytes, ascending). It has the range of the last
    /// character that it replaces; where it replaces none, of the one before; at the front an empty one.
    template <class Matches>
    void replace(const Matches& matches, std::string_view content) {
        AlignedText out = with_origin();
        std::size_t done = 0;
        for (const auto& match : matches) {
            out.append_copy(*this, done, match.begin);
            out.append(content, match.end > 0 ? range_at(match.end - 1) : front());
            done = match.end;
        }
        out.append_copy(*this, done, text_.size());
        *this = std::move(out);
    }

    /// Puts `prefix` before a text that is not empty: as in the reference it shares the range of the first
    /// character, which an empty prefix takes from it.
    void prepend(std::string_view prefix);

    /// Spells every byte with a character of byte_alphabet.h.
    void spell_bytes();

  private:
    AlignedText with_origin() const;
    SourceRange range_at(std::size_t byte) const {
        return is_identity_ ? source(byte, byte + 1) : ranges_[byte];
    }
    SourceRange front() const { return {origin_.begin, origin_.begin}; }
    void append(std::string_view bytes, SourceRange range);
    void append_copy(const AlignedText& from, std::size_t begin, std::size_t end);

    std::string text_;
    std::vector<SourceRange> ranges_;  // per byte of text_; unused while is_identity_
    SourceRange origin_;               // what the text as a whole came from
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
