#include "tokenize/text/clean_text.h"

#include <algorithm>

#include "base/utf8.h"

namespace headlight {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// How many bytes one U+FFFD stands for: the longest start of a sequence that could have become valid.
std::size_t replaced_length(std::string_view text, std::size_t begin) {
    const std::size_t most = std::min<std::size_t>(3, text.size() - begin);
    for (std::size_t length = most; length > 1; --length) {
        if (utf8::replace_invalid(text.substr(begin, length)) == kReplacement) return length;
    }
    return 1;
}

bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

CleanText::CleanText(std::string_view given) {
    if (utf8::is_valid(given)) {
        text_ = given;
        return;
    }
    for (std::size_t i = 0; i < given.size();) {
        const utf8::Decoded c = utf8::decode(given, i);
        const std::size_t length = c.is_valid ? c.size_bytes : replaced_length(given, i);
        const std::string_view piece = c.is_valid ? given.substr(i, length) : kReplacement;
        text_ += piece;
        given_offsets_.insert(given_offsets_.end(), piece.size(), i);
        i += length;
    }
    given_offsets_.push_back(given.size());
}

std::size_t advance_code_points(std::string_view text, std::size_t begin, std::size_t end,
                                std::size_t count) {
    for (; count > 0 && begin < end; --count) {
        ++begin;
        while (begin < end && continues(text[begin]))
            ++begin;
    }
    return begin;
}

void expand_to_characters(std::string_view text, std::size_t& begin, std::size_t& end) {
    while (begin > 0 && begin < text.size() && continues(text[begin]))
        --begin;
    while (end < text.size() && continues(text[end]))
        ++end;
}

}  // namespace headlight
