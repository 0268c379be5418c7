#include "tokenize/text/char_filter.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <optional>

#include "base/utf8.h"
#include "tokenize/text/unicode_age.h"

namespace headlight {
namespace {

// Versions of the reference's tables of general categories, and of its own table of marks.
constexpr int kCategoriesUnicode = 8, kMarksUnicode = 9;

/// Of every character what `map` makes of it; nothing: the character goes. Text that stays as it is keeps its
/// ranges.
template <class Map>
AlignedText mapped(AlignedText text, const Map& map) {
    std::vector<CharChange> changes;
    std::size_t num_removed_first = 0;
    bool is_same = true;
    const std::string& source = text.text();
    changes.reserve(source.size());
    for (std::size_t i = 0; i < source.size();) {
        const utf8::Decoded c = utf8::decode(source, i);
        i += c.size_bytes;
        const std::optional<char32_t> kept = map(c.code_point);
        is_same = is_same && kept == c.code_point;
        if (kept) {
            changes.push_back({*kept, 0});
        } else if (changes.empty()) {
            ++num_removed_first;
        } else {
            --changes.back().change;
        }
    }
    if (!is_same) text.transform(changes, num_removed_first);
    return text;
}

bool is_line_space(char32_t c) {
    return c == U'\t' || c == U'\n' || c == U'\r';
}

std::uint32_t category_bit(char32_t c) {
    return U_GET_GC_MASK(static_cast<UChar32>(c));
}

/// Control, format and private use; code points that nobody assigned stay, as in the reference.
bool is_other(char32_t c) {
    return (category_bit(c) & (U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK)) != 0 &&
           is_assigned_by(c, kCategoriesUnicode);
}

/// Mn in the reference's tables; the characters named are those whose category changed since.
bool is_nonspacing(char32_t c) {
    if (c == 0x1734) return true;
    if (c == 0x1885 || c == 0x1886 || c == 0xA9BD || c == 0x111C9) return false;
    return (category_bit(c) & U_GC_MN_MASK) != 0 && is_assigned_by(c, kCategoriesUnicode);
}

bool is_mark(char32_t c) {
    if (c == 0x1CF2 || c == 0x1CF3) return true;
    return (category_bit(c) & U_GC_M_MASK) != 0 && c != 0x111C9 && is_assigned_by(c, kMarksUnicode);
}

/// The blocks that BERT's tokenizer takes for Chinese.
bool is_ideograph(char32_t c) {
    struct Range {
        char32_t begin, end;
    };
    constexpr Range kRanges[] = {{0x4E00, 0x9FFF},   {0x3400, 0x4DBF},   {0x20000, 0x2A6DF},
                                 {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF},
                                 {0xF900, 0xFAFF},   {0x2F800, 0x2FA1F}};
    for (const Range& range : kRanges) {
        if (c >= range.begin && c <= range.end) return true;
    }
    return false;
}

}  // namespace

bool is_white_space(char32_t c) {
    return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_WHITE_SPACE) != 0;
}

bool is_punctuation(char32_t c) {
    if (c < 0x80) return u_isgraph(static_cast<UChar32>(c)) && !u_isalnum(static_cast<UChar32>(c));
    if (c == 0x166D || c == 0x111C9) return true;  // no longer
    return (category_bit(c) & U_GC_P_MASK) != 0 && is_assigned_by(c, kCategoriesUnicode);
}

bool is_numeric(char32_t c) {
    return (category_bit(c) & U_GC_N_MASK) != 0;
}

bool is_word_character(char32_t c) {
    const auto code = static_cast<UChar32>(c);
    return u_hasBinaryProperty(code, UCHAR_ALPHABETIC) || u_hasBinaryProperty(code, UCHAR_JOIN_CONTROL) ||
           (category_bit(c) & (U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) != 0;
}

AlignedText without_control_characters(AlignedText text) {
    return mapped(std::move(text), [](char32_t c) -> std::optional<char32_t> {
        if (is_line_space(c)) return U' ';
        if (c == 0 || c == 0xFFFD || is_other(c)) return std::nullopt;
        return is_white_space(c) ? U' ' : c;
    });
}

AlignedText with_spaced_ideographs(AlignedText text) {
    std::vector<CharChange> changes;
    const std::string& source = text.text();
    changes.reserve(source.size());
    bool is_same = true;
    for (std::size_t i = 0; i < source.size();) {
        const utf8::Decoded c = utf8::decode(source, i);
        i += c.size_bytes;
        if (is_ideograph(c.code_point)) {
            changes.insert(changes.end(), {{U' ', 0}, {c.code_point, 1}, {U' ', 1}});
            is_same = false;
        } else {
            changes.push_back({c.code_point, 0});
        }
    }
    if (!is_same) text.transform(changes);
    return text;
}

AlignedText without_marks(AlignedText text, Marks marks) {
    const auto is_taken = marks == Marks::All ? is_mark : is_nonspacing;
    return mapped(std::move(text), [is_taken](char32_t c) -> std::optional<char32_t> {
        if (is_taken(c)) return std::nullopt;
        return c;
    });
}

AlignedText stripped(AlignedText text, bool strips_left, bool strips_right) {
    const std::string& source = text.text();
    std::size_t num_left = 0, kept_begin = source.size(), kept_end = 0;
    for (std::size_t i = 0; i < source.size();) {
        const utf8::Decoded c = utf8::decode(source, i);
        if (!is_white_space(c.code_point)) {
            kept_begin = std::min(kept_begin, i);
            kept_end = i + c.size_bytes;
        }
        if (kept_begin == source.size()) ++num_left;
        i += c.size_bytes;
    }
    const std::size_t begin = strips_left ? kept_begin : 0, end = strips_right ? kept_end : source.size();
    if (begin == 0 && end == source.size()) return text;
    std::vector<CharChange> changes;
    for (std::size_t i = begin; i < end;) {
        const utf8::Decoded c = utf8::decode(source, i);
        changes.push_back({c.code_point, 0});
        i += c.size_bytes;
    }
    text.transform(changes, strips_left ? num_left : 0);
    return text;
}

AlignedText with_plain_spaces(AlignedText text) {
    return mapped(std::move(text), [](char32_t c) -> std::optional<char32_t> {
        const bool goes =
            (c >= 1 && c <= 8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F;
        if (goes) return std::nullopt;
        const bool is_space = c == 9 || c == 0xA || c == 0xC || c == 0xD || c == 0x1680 ||
                              (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
                              c == 0xFEFF || c == 0xFFFD;
        return is_space ? U' ' : c;
    });
}

}  // namespace headlight
