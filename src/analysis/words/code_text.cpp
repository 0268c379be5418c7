// Lines that look like a program, and the pieces of one.
#include "analysis/words/code_text.h"

#include <algorithm>
#include <cctype>

#include "analysis/words/code_points.h"
#include "base/utf8.h"

namespace headlight {
namespace {

constexpr std::string_view kLineStarts[] = {
    "#define", "#include",  "class",   "const",   "def",     "elif",     "else",   "enum",   "export",
    "extern",  "fn",        "for",     "from",    "func",    "function", "if",     "impl",   "import",
    "let",     "namespace", "package", "print",   "private", "pub",      "public", "return", "static",
    "struct",  "template",  "try",     "typedef", "using",   "var",      "void",   "while",  "with"};
// Longest first.
constexpr std::string_view kOperators[] = {
    "<<=", ">>=", "...", "===", "!==", "**=", "//=", "==", "!=", "<=", ">=", "->", "=>", ":=", "+=", "-=",
    "*=",  "/=",  "%=",  "&=",  "|=",  "^=",  "::",  "&&", "||", "<<", ">>", "**", "//", "++", "--"};

bool is_ascii_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string_view trim_spaces(std::string_view line) {
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t'))
        line.remove_prefix(1);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r'))
        line.remove_suffix(1);
    return line;
}

bool begins_as_code(std::string_view line) {
    return std::any_of(std::begin(kLineStarts), std::end(kLineStarts), [&](std::string_view word) {
        if (!line.starts_with(word)) return false;
        return line.size() == word.size() ||
               !(is_ascii_letter(line[word.size()]) || line[word.size()] == '_');
    });
}

bool has_operator(std::string_view line) {
    constexpr std::string_view kTelling[] = {
        "==", "!=", "<=", ">=", "->", "=>", ":=", "+=", "-=", "*=", "::", "&&", "||", "<<", " = ", "</"};
    return std::any_of(std::begin(kTelling), std::end(kTelling),
                       [&](std::string_view sign) { return line.find(sign) != std::string_view::npos; });
}

/// name( name[ name.name name_name, without a space between.
bool is_written_together(std::string_view line) {
    for (std::size_t i = 1; i < line.size(); ++i) {
        const bool is_after_name = is_ascii_letter(line[i - 1]) || is_digit(line[i - 1]);
        if (!is_after_name) continue;
        const char next = i + 1 < line.size() ? line[i + 1] : ' ';
        if (line[i] == '(' || line[i] == '[') return true;
        if ((line[i] == '_' || line[i] == '.') && is_ascii_letter(next) && next >= 'a') return true;
    }
    return false;
}

int count_signs(std::string_view whole) {
    const std::string_view line = trim_spaces(whole);
    const bool is_indented = whole.starts_with("  ") || whole.starts_with("\t");
    const bool ends_as_code = std::string_view(";{}([:,)").find(line.back()) != std::string_view::npos;
    return static_cast<int>(begins_as_code(line)) + static_cast<int>(ends_as_code) +
           static_cast<int>(has_operator(line)) + static_cast<int>(is_written_together(line)) +
           static_cast<int>(is_indented);
}

std::size_t operator_size(std::string_view rest) {
    for (const std::string_view sign : kOperators) {
        if (rest.starts_with(sign)) return sign.size();
    }
    return 0;
}

enum class CodeClass { Space, Name, Other };
CodeClass class_of(char32_t c) {
    if (code_points::is_space(c)) return CodeClass::Space;
    if (c == U'_' || (c < 0x80 ? std::isalnum(static_cast<int>(c)) != 0 : code_points::is_word(c)))
        return CodeClass::Name;
    return CodeClass::Other;
}

}  // namespace

bool looks_like_code(std::string_view text) {
    int num_lines = 0, num_code = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (trim_spaces(line).empty()) continue;
        ++num_lines;
        num_code += count_signs(line) >= 2 ? 1 : 0;
    }
    return num_code > 0 && 2 * num_code >= num_lines;
}

std::vector<TextSegment> code_segments(std::string_view text) {
    std::vector<TextSegment> out;
    for (std::size_t begin = 0; begin < text.size();) {
        const utf8::Decoded first = utf8::decode(text, begin);
        const CodeClass kind = class_of(first.code_point);
        std::size_t end = begin + first.size_bytes;
        if (kind == CodeClass::Other)
            end = begin + std::max(first.size_bytes, operator_size(text.substr(begin)));
        const bool is_number = is_digit(text[begin]);
        while (kind != CodeClass::Other && end < text.size()) {
            const utf8::Decoded next = utf8::decode(text, end);
            const bool is_point =
                is_number && text[end] == '.' && end + 1 < text.size() && is_digit(text[end + 1]);
            if (class_of(next.code_point) != kind && !is_point) break;
            end += next.size_bytes;
        }
        out.push_back({begin, end, kind == CodeClass::Space});
        begin = end;
    }
    return out;
}

}  // namespace headlight
