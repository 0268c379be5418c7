#include "tokenize/text/display_form.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace headlight {
namespace {

// Code points that would leave no visible mark or disturb the line: C0, C1, zero-width and bidirectional
// controls.
bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
           (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

void append_visible(std::string& out, char32_t c) {
    if (c == U' ') {
        out += "·";
    } else if (c == U'\n') {
        out += "⏎";
    } else if (c == U'\t') {
        out += "⇥";
    } else if (is_control(c)) {
        out += fmt::format("⟨{:02X}⟩", static_cast<unsigned>(c));
    } else {
        utf8::append(out, c);
    }
}

}  // namespace

std::string display_form(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 2);
    for (std::size_t i = 0; i < text.size();) {
        const utf8::Decoded c = utf8::decode(text, i);
        if (c.is_valid) {
            append_visible(out, c.code_point);
        } else {
            out += fmt::format("⟨{:02X}⟩", static_cast<unsigned char>(text[i]));
        }
        i += c.size_bytes;
    }
    return out.empty() ? "∅" : out;
}

}  // namespace headlight
