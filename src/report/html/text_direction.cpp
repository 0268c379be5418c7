// Blocks of Unicode by their direction.
#include "report/html/text_direction.h"

#include "base/utf8.h"

namespace headlight {
namespace {

bool is_right_to_left(char32_t c) {
    return (c >= 0x0590 && c <= 0x08FF) || (c >= 0xFB1D && c <= 0xFDFF) || (c >= 0xFE70 && c <= 0xFEFC) ||
           (c >= 0x10800 && c <= 0x10FFF) || (c >= 0x1E800 && c <= 0x1EFFF);
}

bool is_left_to_right(char32_t c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= 0xC0 && c < 0x0590 && c != 0xD7 && c != 0xF7) || (c >= 0x0900 && c < 0x2000) ||
           (c >= 0x2C00 && c < 0xD800);
}

}  // namespace

bool reads_right_to_left(std::string_view text) {
    int balance = 0;
    for (std::size_t byte = 0; byte < text.size();) {
        const utf8::Decoded next = utf8::decode(text, byte);
        balance += is_right_to_left(next.code_point) ? 1 : is_left_to_right(next.code_point) ? -1 : 0;
        byte += next.size_bytes;
    }
    return balance > 0;
}

}  // namespace headlight
