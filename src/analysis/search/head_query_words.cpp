#include "analysis/search/head_query_words.h"

#include <charconv>
#include <cmath>
#include <iterator>

#include "analysis/search/ascii.h"

namespace headlight {
namespace {

bool is_name_letter(char c) {
    return ascii::is_letter(c) || c == '_';
}
bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct SignName {
    std::string_view written, meant;
    HeadQueryWord::Kind kind;
};
/// Longer ones before those that they begin with.
constexpr SignName kSigns[] = {
    {"<=", "<=", HeadQueryWord::Kind::Sign},  {">=", ">=", HeadQueryWord::Kind::Sign},
    {"!=", "!=", HeadQueryWord::Kind::Sign},  {"==", "=", HeadQueryWord::Kind::Sign},
    {"&&", "and", HeadQueryWord::Kind::Name}, {"||", "or", HeadQueryWord::Kind::Name},
    {"<", "<", HeadQueryWord::Kind::Sign},    {">", ">", HeadQueryWord::Kind::Sign},
    {"=", "=", HeadQueryWord::Kind::Sign},    {"!", "not", HeadQueryWord::Kind::Name},
    {"(", "(", HeadQueryWord::Kind::Sign},    {")", ")", HeadQueryWord::Kind::Sign}};

/// A number from `at` on, ".5", "-2", "1e-3", "50 %"; moves `at` behind it.
Result<HeadQueryWord> read_number(std::string_view text, std::size_t& at) {
    HeadQueryWord word{HeadQueryWord::Kind::Number, {}, 0, at};
    const std::size_t begin = at + (text[at] == '+' ? 1 : 0);  // from_chars knows no plus
    const auto parsed = std::from_chars(text.data() + begin, text.data() + text.size(), word.number);
    if (parsed.ec != std::errc{} || !std::isfinite(word.number))
        return fail(ErrorKind::InvalidInput, "{} stands no number", query_place(at));
    at = static_cast<std::size_t>(parsed.ptr - text.data());
    if (at < text.size() && is_name_letter(text[at]))
        return fail(ErrorKind::InvalidInput,
                    "{} a letter stands behind a number: leave a space, or a unit out", query_place(at));
    std::size_t percent = at;
    while (percent < text.size() && is_space(text[percent]))
        ++percent;
    if (percent < text.size() && text[percent] == '%') {
        word.number /= 100;
        at = percent + 1;
    }
    return word;
}

HeadQueryWord read_name(std::string_view text, std::size_t& at) {
    HeadQueryWord word{HeadQueryWord::Kind::Name, {}, 0, at};
    for (; at < text.size() && (is_name_letter(text[at]) || ascii::is_digit(text[at]) || text[at] == '.');
         ++at)
        word.text += text[at] >= 'A' && text[at] <= 'Z' ? static_cast<char>(text[at] - 'A' + 'a') : text[at];
    return word;
}

}  // namespace

std::string query_place(std::size_t at) {
    return fmt::format("at {}", at + 1);
}

Result<std::vector<HeadQueryWord>> head_query_words(std::string_view text) {
    std::vector<HeadQueryWord> out;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (is_space(c)) {
            ++at;
            continue;
        }
        const bool has_number = ascii::is_digit(c) || c == '.' || c == '-' || c == '+';
        if (has_number) {
            HEADLIGHT_TRY(HeadQueryWord word, read_number(text, at));
            out.push_back(std::move(word));
            continue;
        }
        if (is_name_letter(c)) {
            out.push_back(read_name(text, at));
            continue;
        }
        const std::size_t before = at;
        for (const SignName& sign : kSigns) {
            if (!text.substr(at).starts_with(sign.written)) continue;
            out.push_back({sign.kind, std::string(sign.meant), 0, at});
            at += sign.written.size();
            break;
        }
        if (at == before)
            return fail(ErrorKind::InvalidInput,
                        "{} stands a sign that means nothing here; there are < <= > >= = != ( ) and or not",
                        query_place(at));
    }
    out.push_back({HeadQueryWord::Kind::End, {}, 0, text.size()});
    return out;
}

}  // namespace headlight
