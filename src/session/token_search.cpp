// Finding words in the tokens of a text.
#include "session/token_search.h"

#include <algorithm>
#include <cctype>
#include <string>

namespace headlight {
namespace {

std::string without_case(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

}  // namespace

std::vector<int> find_tokens(const TokenizedText& text, std::string_view words) {
    std::vector<int> out;
    if (words.empty()) return out;
    const std::string all = without_case(text.text), wanted = without_case(words);
    std::vector<std::size_t> found;
    for (std::size_t at = all.find(wanted); at != std::string::npos; at = all.find(wanted, at + 1))
        found.push_back(at);
    for (std::size_t i = 0; i < text.tokens.size(); ++i) {
        const Token& token = text.tokens[i];
        const bool has_text = token.byte_end > token.byte_begin;
        const auto next = std::lower_bound(found.begin(), found.end(), token.byte_begin);
        const bool begins_here = has_text && next != found.end() && *next < token.byte_end;
        const bool displays = !has_text && without_case(token.display).find(wanted) != std::string::npos;
        if (begins_here || displays) out.push_back(static_cast<int>(i));
    }
    return out;
}

}  // namespace headlight
