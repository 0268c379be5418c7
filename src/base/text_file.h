// Texts that people give: in whatever Unicode form, from a file, a pipe or standard input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace headlight {

/// How many bytes of a text are read for one run of a model.
inline constexpr std::size_t kMostTextBytes = std::size_t{16} << 20;

enum class TextEncoding { Utf8, Utf16Little, Utf16Big, Utf32Little, Utf32Big };

/// What the first bytes of a text say of its form.
struct TextMark {
    TextEncoding encoding = TextEncoding::Utf8;
    std::size_t size_bytes = 0;  // of the mark itself; 0: there is none, which means UTF-8
};

/// The byte order mark at the beginning of `bytes`. FF FE 00 00 is UTF-32, as in the Unicode standard.
TextMark text_mark(std::string_view bytes);

/// "UTF-16 (little-endian)"
const char* to_string(TextEncoding encoding);

/// Bytes of the smallest character: 1, 2 or 4.
std::size_t unit_bytes(TextEncoding encoding);

/// Appends the text of `bytes` (without a mark) as UTF-8, up to the first character that is broken or cut
/// off. How many bytes that took.
std::size_t decode_up_to(std::string_view bytes, TextEncoding encoding, std::string& out);

/// The error for a text of which byte `at` (counted with the mark) is not what it should be.
Error broken_text(TextEncoding encoding, std::uint64_t at, char byte, const std::string& name);

/// Is a text that was given on the command line (as `name`) UTF-8? Errors: as above.
Status check_utf8(std::string_view text, const std::string& name);

/// A text without a mark whose every other byte is zero is UTF-16 all the same. Errors: Corrupt.
Status check_not_unmarked(std::string_view bytes, const std::string& name);

/// The text as UTF-8 without its mark; every other character stays as it is, also NUL and CR LF. `name`
/// stands in errors for the file. Errors: Corrupt, with the byte (counted with the mark) from which on it is
/// not what it should be and how to convert it.
Result<std::string> decode_text(std::string bytes, const std::string& name);

/// The text of a file, a pipe, a device or, for "-", of standard input, decoded as above. Reads to the end
/// and never asks for the size first. Errors: Missing (no such file, no right to read it), InvalidInput (a
/// folder; more than `max_bytes`), Corrupt.
Result<std::string> read_text(const std::string& path, std::size_t max_bytes = kMostTextBytes);

}  // namespace headlight
