#include "run/cut_text.h"

#include <algorithm>

namespace headlight {
namespace {

bool stands_around(const Token& token) {
    return token.is_special && token.byte_begin == token.byte_end;
}

/// Keeps the bytes of the tokens [first, last) alone.
void keep_bytes(TokenizedText& text, std::size_t first, std::size_t last) {
    std::size_t begin = text.text.size(), end = 0;
    for (std::size_t i = first; i < last; ++i) {
        begin = std::min(begin, text.tokens[i].byte_begin);
        end = std::max(end, text.tokens[i].byte_end);
    }
    if (begin > end) begin = end = 0;
    text.text = text.text.substr(begin, end - begin);
    for (std::size_t i = 0; i < text.tokens.size(); ++i) {
        Token& token = text.tokens[i];
        const bool is_kept = i >= first && i < last;
        const std::size_t edge = i < first ? 0 : text.text.size();
        const bool is_around = token.byte_begin == token.byte_end && !is_kept;
        token.byte_begin = is_around ? edge : token.byte_begin - begin;
        token.byte_end = is_around ? edge : token.byte_end - begin;
    }
}

}  // namespace

TokenizedText cut_text(TokenizedText text, std::size_t most, CutEnd end) {
    std::vector<Token>& tokens = text.tokens;
    if (end == CutEnd::None || most == 0 || tokens.size() <= most) return text;
    const auto head = std::find_if_not(tokens.begin(), tokens.end(), stands_around);
    const auto tail = std::find_if_not(tokens.rbegin(), std::make_reverse_iterator(head), stands_around);
    const auto num_head = static_cast<std::size_t>(head - tokens.begin()),
               num_tail = static_cast<std::size_t>(tail - tokens.rbegin());
    const std::size_t around = num_head + num_tail, inside = tokens.size() - around;
    const std::size_t dropped = inside - (most > around ? most - around : 0);
    const auto first = static_cast<std::ptrdiff_t>(num_head + (end == CutEnd::Start ? 0 : inside - dropped));
    tokens.erase(tokens.begin() + first, tokens.begin() + first + static_cast<std::ptrdiff_t>(dropped));
    keep_bytes(text, num_head, num_head + inside - dropped);
    return text;
}

}  // namespace headlight
