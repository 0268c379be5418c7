#include "base/base64.h"

#include <cstdint>

namespace headlight {
namespace {

int digit_of(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

}  // namespace

std::optional<std::string> from_base64(std::string_view encoded) {
    while (encoded.ends_with('='))
        encoded.remove_suffix(1);
    std::string out;
    out.reserve(encoded.size() / 4 * 3 + 3);
    std::uint32_t bits = 0;
    int num_bits = 0;
    for (const char c : encoded) {
        const int digit = digit_of(c);
        if (digit < 0) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        num_bits += 6;
        if (num_bits < 8) continue;
        num_bits -= 8;
        out += static_cast<char>(bits >> num_bits & 0xFF);
    }
    return out;
}

std::string to_base64(std::string_view bytes) {
    constexpr const char* kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t bits = 0;
        for (std::size_t j = i; j < i + 3; ++j)
            bits = bits << 8 | (j < bytes.size() ? static_cast<unsigned char>(bytes[j]) : 0U);
        for (std::size_t j = 0; j < 4; ++j)
            out += i + j <= bytes.size() ? kDigits[bits >> (18 - 6 * j) & 63] : '=';
    }
    return out;
}

}  // namespace headlight
