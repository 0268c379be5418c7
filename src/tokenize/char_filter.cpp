#include "tokenize/char_filter.h"

#include <unicode/uchar.h>

#include <algorithm>

#include "base/utf8.h"

namespace headlight {
namespace {

/// Calls keep(code_point, bytes, range) for every character.
template <class Visit>
void for_each_character(const AlignedText& text, const Visit& visit) {
    const std::string& source = text.text();
    for (std::size_t i = 0; i < source.size();) {
        const utf8::Decoded c = utf8::decode(source, i);
        visit(c.code_point, std::string_view(source).substr(i, c.size_bytes), text.source(i, i + c.size_bytes));
        i += c.size_bytes;
    }
}

bool is_line_space(char32_t c) {
    return c == U'\t' || c == U'\n' || c == U'\r';
}

bool is_white_space(char32_t c) {
    return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_WHITE_SPACE) != 0;
}

/// Control, format and private use; code points that nobody assigned stay, as in the reference.
bool is_other(char32_t c) {
    const auto category = U_GET_GC_MASK(static_cast<UChar32>(c));
    return (category & (U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK)) != 0;
}

/// The blocks that BERT's tokenizer takes for Chinese.
bool is_ideograph(char32_t c) {
    struct Range {
        char32_t begin, end;
    };
    constexpr Range kRanges[] = {{0x4E00, 0x9FFF},   {0x3400, 0x4DBF},   {0x20000, 0x2A6DF}, {0x2A700, 0x2B73F},
                                 {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF}, {0xF900, 0xFAFF},   {0x2F800, 0x2FA1F}};
    for (const Range& range : kRanges) {
        if (c >= range.begin && c <= range.end) return true;
    }
    return false;
}

}  // namespace

AlignedText without_control_characters(const AlignedText& text) {
    AlignedText out;
    for_each_character(text, [&](char32_t c, std::string_view bytes, SourceRange range) {
        if (is_line_space(c) || (is_white_space(c) && !is_other(c))) {
            out.append(" ", range);
        } else if (c != 0 && c != 0xFFFD && !is_other(c)) {
            out.append(bytes, range);
        }
    });
    return out;
}

AlignedText with_spaced_ideographs(const AlignedText& text) {
    AlignedText out;
    for_each_character(text, [&](char32_t c, std::string_view bytes, SourceRange range) {
        const bool is_spaced = is_ideograph(c);
        if (is_spaced) out.append(" ", range);
        out.append(bytes, range);
        if (is_spaced) out.append(" ", range);
    });
    return out;
}

AlignedText without_marks(const AlignedText& text, Marks marks) {
    const std::uint32_t mask = marks == Marks::All ? U_GC_M_MASK : U_GC_MN_MASK;
    AlignedText out;
    for_each_character(text, [&](char32_t c, std::string_view bytes, SourceRange range) {
        if ((U_GET_GC_MASK(static_cast<UChar32>(c)) & mask) == 0) out.append(bytes, range);
    });
    return out;
}

AlignedText stripped(const AlignedText& text, bool strips_left, bool strips_right) {
    const std::string& source = text.text();
    std::size_t begin = source.size(), end = 0, at = 0;
    for_each_character(text, [&](char32_t c, std::string_view bytes, SourceRange) {
        if (!is_white_space(c)) {
            begin = std::min(begin, at);
            end = at + bytes.size();
        }
        at += bytes.size();
    });
    if (begin > end) begin = end = 0;  // nothing but white space
    if (!strips_left) begin = 0;
    if (!strips_right) end = source.size();
    return begin >= end ? AlignedText() : text.slice(begin, end);
}

}  // namespace headlight
