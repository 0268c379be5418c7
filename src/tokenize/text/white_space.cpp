#include "tokenize/text/white_space.h"

#include <unicode/uchar.h>

#include "base/utf8.h"

namespace headlight {

bool is_python_space(char32_t c) {
    return u_isUWhiteSpace(static_cast<UChar32>(c)) || (c >= 0x1C && c <= 0x1F);
}

std::size_t past_white_space(std::string_view text) {
    std::size_t begin = 0;
    while (begin < text.size()) {
        const utf8::Decoded c = utf8::decode(text, begin);
        if (!is_python_space(c.code_point)) break;
        begin += c.size_bytes;
    }
    return begin;
}

std::size_t before_white_space(std::string_view text) {
    std::size_t end = text.size();
    while (end > 0) {
        std::size_t last = end - 1;
        while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xC0) == 0x80)
            --last;
        if (!is_python_space(utf8::decode(text, last).code_point)) break;
        end = last;
    }
    return end;
}

}  // namespace headlight
