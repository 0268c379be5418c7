// What must not stand in a document as it is.
#include "base/markup_text.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace headlight {
namespace {

bool must_be_written_out(char32_t c) {
    if (c < 0x20) return c != '\t' && c != '\n';
    if (c >= 0x7F && c <= 0x9F) return true;
    if (c == 0x061C || c == 0x200E || c == 0x200F || c == 0xFEFF) return true;
    if ((c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F)) return true;
    return (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF) || (c >= 0xE0000 && c <= 0xE007F);
}

}  // namespace

std::string escape_markup(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else
            out += c;
    }
    return out;
}

std::string visible_text(std::string_view text, std::size_t most_code_points) {
    std::string out;
    std::size_t count = 0;
    for (std::size_t byte = 0; byte < text.size();) {
        if (count++ == most_code_points) return out + "…";
        const utf8::Decoded next = utf8::decode(text, byte);
        if (must_be_written_out(next.code_point))
            out += fmt::format("[U+{:04X}]", static_cast<std::uint32_t>(next.code_point));
        else
            utf8::append(out, next.code_point);
        byte += next.size_bytes;
    }
    return out;
}

}  // namespace headlight
