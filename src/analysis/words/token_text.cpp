#include "analysis/words/token_text.h"

#include <cctype>

#include "base/utf8.h"

namespace headlight {
namespace {

/// Value of "2F" or "200B"; -1 for anything else.
long hex_value(std::string_view digits) {
    if (digits.empty() || digits.size() > 6) return -1;
    long value = 0;
    for (const char c : digits) {
        if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return -1;
        value = value * 16 + (c <= '9' ? c - '0' : (c & ~0x20) - 'A' + 10);
    }
    return value;
}

constexpr std::string_view kContinues = "##";
constexpr std::string_view kOpen = "⟨", kClose = "⟩";

/// Appends what "⟨0A⟩" at the start of `rest` stands for; the bytes it took, 0 if it is none.
std::size_t append_code(std::string& out, std::string_view rest) {
    if (rest.substr(0, kOpen.size()) != kOpen) return 0;
    const std::size_t end = rest.find(kClose);
    if (end == std::string_view::npos) return 0;
    const std::string_view digits = rest.substr(kOpen.size(), end - kOpen.size());
    const long value = hex_value(digits);
    if (value < 0) return 0;
    // Two digits are one byte: of a control character, or of a character that several tokens share.
    if (digits.size() == 2) {
        out += static_cast<char>(value);
    } else {
        utf8::append(out, static_cast<char32_t>(value));
    }
    return end + kClose.size();
}

std::string read_display(std::string_view display) {
    struct Sign {
        std::string_view shown;
        char meant;
    };
    constexpr Sign kSigns[] = {{"·", ' '}, {"⏎", '\n'}, {"⇥", '\t'}};
    std::string text;
    while (!display.empty()) {
        std::size_t taken = append_code(text, display);
        for (const Sign& sign : kSigns) {
            if (taken != 0 || display.substr(0, sign.shown.size()) != sign.shown) continue;
            text += sign.meant;
            taken = sign.shown.size();
        }
        if (taken == 0) {
            taken = 1;
            text += display.front();
        }
        display.remove_prefix(taken);
    }
    return text;
}

}  // namespace

bool has_space_before(const Token& token, std::size_t end_before) {
    const std::size_t span = token.byte_end - token.byte_begin;
    if (token.is_special || span == 0) return false;
    if (token.byte_begin > end_before) return true;
    // Text that was made from ids counts the space to the token, whose display form lacks it.
    const bool is_continued = token.display.size() != span && token.display.starts_with(kContinues);
    const std::string text = token_text(token);
    return !is_continued && text.size() + 1 == span && utf8::is_valid(text);
}

std::string token_text(const Token& token) {
    if (token.is_special) return {};
    std::string text = read_display(token.display);
    const std::size_t span = token.byte_end - token.byte_begin;
    if (span == 0 || text.size() == span) return text;
    // The sign itself stood in the text: it is as long as the span says.
    if (token.display.size() == span) return token.display;
    // A space that the tokenizer put before the text is none of the text.
    if (text.size() == span + 1 && text.front() == ' ') text.erase(0, 1);
    // WordPiece's mark of a piece that goes on with a word.
    if (text.size() > kContinues.size() && text.starts_with(kContinues)) text.erase(0, kContinues.size());
    return text;
}

}  // namespace headlight
