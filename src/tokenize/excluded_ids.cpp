#include "tokenize/excluded_ids.h"

#include <algorithm>

namespace headlight {
namespace {

/// "<0x0A>": how SentencePiece names a byte; and pieces whose readable form had to fall back to hex brackets.
bool is_fragment(const Token& token) {
    if (token.piece.size() == 6 && token.piece.starts_with("<0x") && token.piece.back() == '>') return true;
    constexpr const char* kHexBracket = "\xE2\x9F\xA8";  // U+27E8
    return token.display.find(kHexBracket) != std::string::npos &&
           token.piece.find(kHexBracket) == std::string::npos;
}

}  // namespace

std::vector<bool> excluded_ids(const Tokenizer& tokenizer, int vocab_size) {
    std::vector<bool> excluded(static_cast<std::size_t>(std::max(0, vocab_size)), false);
    for (std::size_t id = 0; id < excluded.size(); ++id) {
        const auto token = tokenizer.token(static_cast<std::int32_t>(id));
        excluded[id] = !token || token->is_special || token->piece.empty() || is_fragment(*token);
    }
    return excluded;
}

}  // namespace headlight
