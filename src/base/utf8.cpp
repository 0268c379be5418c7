#include "base/utf8.h"

namespace headlight::utf8 {
namespace {

struct Lead {
    int length;                             // 0: not a lead byte
    unsigned char low = 0x80, high = 0xBF;  // allowed range of the second byte
};

// The table of well-formed sequences in the Unicode standard (table 3-7).
Lead classify(unsigned char byte) {
    if (byte < 0x80) return {1};
    if (byte < 0xC2) return {0};
    if (byte < 0xE0) return {2};
    if (byte == 0xE0) return {3, 0xA0, 0xBF};
    if (byte == 0xED) return {3, 0x80, 0x9F};
    if (byte < 0xF0) return {3};
    if (byte == 0xF0) return {4, 0x90, 0xBF};
    if (byte < 0xF4) return {4};
    if (byte == 0xF4) return {4, 0x80, 0x8F};
    return {0};
}

// Length of the longest prefix of a well-formed sequence at `byte`; `complete` says whether it is a whole
// one.
std::size_t sequence_length(std::string_view text, std::size_t byte, bool& complete) {
    const Lead lead = classify(static_cast<unsigned char>(text[byte]));
    complete = false;
    if (lead.length == 0) return 1;
    for (int i = 1; i < lead.length; ++i) {
        if (byte + i >= text.size()) return static_cast<std::size_t>(i);
        const auto next = static_cast<unsigned char>(text[byte + i]);
        const unsigned char low = i == 1 ? lead.low : 0x80, high = i == 1 ? lead.high : 0xBF;
        if (next < low || next > high) return static_cast<std::size_t>(i);
    }
    complete = true;
    return static_cast<std::size_t>(lead.length);
}

}  // namespace

Decoded decode(std::string_view text, std::size_t byte) {
    bool complete = false;
    const std::size_t length = sequence_length(text, byte, complete);
    if (!complete) return {0xFFFD, 1, false};
    const auto first = static_cast<unsigned char>(text[byte]);
    if (length == 1) return {first, 1, true};
    char32_t code_point = first & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        code_point = (code_point << 6) | (static_cast<unsigned char>(text[byte + i]) & 0x3Fu);
    }
    return {code_point, length, true};
}

void append(std::string& out, char32_t c) {
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xC0 | (c >> 6));
        out += static_cast<char>(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        out += static_cast<char>(0xE0 | (c >> 12));
        out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (c & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | (c >> 18));
        out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
        out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (c & 0x3F));
    }
}

std::size_t valid_prefix(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size()) {
        const Decoded decoded = decode(text, i);
        if (!decoded.is_valid) break;
        i += decoded.size_bytes;
    }
    return i;
}

bool is_valid(std::string_view text) {
    return valid_prefix(text) == text.size();
}

std::string replace_invalid(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        bool complete = false;
        const std::size_t length = sequence_length(text, i, complete);
        if (complete) {
            out.append(text.substr(i, length));
        } else {
            append(out, 0xFFFD);
        }
        i += length;
    }
    return out;
}

std::vector<std::uint32_t> code_point_index(std::string_view text) {
    std::vector<std::uint32_t> index(text.size() + 1);
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < text.size();) {
        const Decoded decoded = decode(text, i);
        for (std::size_t k = 0; k < decoded.size_bytes; ++k)
            index[i + k] = count + (k > 0 ? 1 : 0);
        i += decoded.size_bytes;
        ++count;
    }
    index[text.size()] = count;
    return index;
}

std::size_t count_code_points(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++count)
        i += decode(text, i).size_bytes;
    return count;
}

}  // namespace headlight::utf8
