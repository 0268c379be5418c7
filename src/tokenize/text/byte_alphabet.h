// The alphabet in which byte-level vocabularies are written (Radford et al. 2019, GPT-2): every byte is one
// printable character. Bytes that are printable in Latin-1 stand for themselves, the others are counted up
// from U+0100.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headlight {

/// The character of a byte: U+0120 "Ġ" for a space, U+010A "Ċ" for a newline.
char32_t byte_to_char(unsigned char byte);

/// The byte of a character, or -1 if it is not in the alphabet.
int char_to_byte(char32_t c);

/// "Ġcat" -> " cat"; nothing if a character is not in the alphabet.
std::optional<std::string> piece_to_bytes(std::string_view piece);

}  // namespace headlight
