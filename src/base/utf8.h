// UTF-8 helpers that every room needs. Invalid bytes never throw: each counts as one U+FFFD of one byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headlight::utf8 {

/// One decoded code point and the bytes it took.
struct Decoded {
    char32_t code_point = 0xFFFD;
    std::size_t size_bytes = 1;
    bool is_valid = false;
};

/// Decodes at `byte` (< text.size()). Overlong forms, surrogates and values past U+10FFFF are invalid.
Decoded decode(std::string_view text, std::size_t byte);

/// Appends the code point as UTF-8.
void append(std::string& out, char32_t code_point);

/// Bytes up to the first that is no valid UTF-8; text.size() if all is.
std::size_t valid_prefix(std::string_view text);
bool is_valid(std::string_view text);

/// The text with each invalid byte sequence replaced by U+FFFD, as Python's errors="replace" does.
std::string replace_invalid(std::string_view text);

/// For each byte offset 0..size: how many code points start before it. Size text.size()+1.
std::vector<std::uint32_t> code_point_index(std::string_view text);

std::size_t count_code_points(std::string_view text);

}  // namespace headlight::utf8
