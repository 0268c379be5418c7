#include "tokenize/text/byte_alphabet.h"

#include <array>

#include "base/utf8.h"

namespace headlight {
namespace {

constexpr bool stands_for_itself(int byte) {
    return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || (byte >= 0xAE && byte <= 0xFF);
}

constexpr std::array<char32_t, 256> make_chars() {
    std::array<char32_t, 256> chars{};
    char32_t next = 0x100;
    for (int byte = 0; byte < 256; ++byte) {
        chars[static_cast<std::size_t>(byte)] =
            stands_for_itself(byte) ? static_cast<char32_t>(byte) : next++;
    }
    return chars;
}

constexpr std::array<char32_t, 256> kChars = make_chars();
constexpr std::size_t kAlphabetEnd = 0x144;  // one past the last character

constexpr std::array<std::int16_t, kAlphabetEnd> make_bytes() {
    std::array<std::int16_t, kAlphabetEnd> bytes{};
    for (auto& byte : bytes)
        byte = -1;
    for (std::size_t byte = 0; byte < 256; ++byte)
        bytes[kChars[byte]] = static_cast<std::int16_t>(byte);
    return bytes;
}

constexpr std::array<std::int16_t, kAlphabetEnd> kBytes = make_bytes();

}  // namespace

char32_t byte_to_char(unsigned char byte) {
    return kChars[byte];
}

int char_to_byte(char32_t c) {
    return c < kAlphabetEnd ? kBytes[c] : -1;
}

std::optional<std::string> piece_to_bytes(std::string_view piece) {
    std::string bytes;
    for (std::size_t i = 0; i < piece.size();) {
        const utf8::Decoded c = utf8::decode(piece, i);
        const int byte = c.is_valid ? char_to_byte(c.code_point) : -1;
        if (byte < 0) return std::nullopt;
        bytes += static_cast<char>(byte);
        i += c.size_bytes;
    }
    return bytes;
}

}  // namespace headlight
