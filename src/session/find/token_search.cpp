// Finding words in the tokens of a text.
#include "session/find/token_search.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>

namespace headlight {
namespace {

bool is_capital(char c) {
    return std::isupper(static_cast<unsigned char>(c)) != 0;
}

std::string without_case(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

/// Of "id:123"; nullopt: these are words.
std::optional<std::int32_t> wanted_id(std::string_view words) {
    constexpr std::string_view kPrefix = "id:";
    if (!words.starts_with(kPrefix)) return std::nullopt;
    std::int32_t id = 0;
    const char* end = words.data() + words.size();
    const auto parsed = std::from_chars(words.data() + kPrefix.size(), end, id);
    return parsed.ec == std::errc{} && parsed.ptr == end ? std::optional(id) : std::nullopt;
}

}  // namespace

std::vector<int> find_tokens(const TokenizedText& text, std::string_view words) {
    std::vector<int> out;
    if (words.empty()) return out;
    const std::optional<std::int32_t> id = wanted_id(words);
    const bool has_case = std::any_of(words.begin(), words.end(), is_capital);
    const auto as_compared = [has_case](std::string_view any) {
        return has_case ? std::string(any) : without_case(any);
    };
    const std::string all = id ? std::string() : as_compared(text.text), wanted = as_compared(words);
    std::vector<std::size_t> found;
    for (std::size_t at = all.find(wanted); at != std::string::npos; at = all.find(wanted, at + 1))
        found.push_back(at);
    for (std::size_t i = 0; i < text.tokens.size(); ++i) {
        const Token& token = text.tokens[i];
        const bool has_text = token.byte_end > token.byte_begin;
        const auto next = std::lower_bound(found.begin(), found.end(), token.byte_begin);
        const bool begins_here = has_text && next != found.end() && *next < token.byte_end;
        const bool displays =
            !id && !has_text && as_compared(token.display).find(wanted) != std::string::npos;
        if (begins_here || displays || id == token.id) out.push_back(static_cast<int>(i));
    }
    return out;
}

}  // namespace headlight
