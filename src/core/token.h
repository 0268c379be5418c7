// Tokens of a text: the same value for the model (ids), the axis labels (display) and the text box (spans).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace headlight {

struct Token {
    std::int32_t id = 0;
    std::string piece;  // as the vocabulary writes it, e.g. "Ġcat", "▁cat", "<0x0A>"
    std::string display;  // as people read it: space "·", newline "⏎", tab "⇥", byte "⟨0A⟩"; never empty
    std::size_t byte_begin =
        0;                     // span in TokenizedText::text; empty (begin == end) for tokens not in the text
    std::size_t byte_end = 0;  // exclusive
    bool is_special = false;   // BOS, EOS, and other tokens that are no text
};

struct TokenizedText {
    std::string text;  // what was tokenized, bytes as given
    std::vector<Token> tokens;

    std::vector<std::int32_t> ids() const {
        std::vector<std::int32_t> out;
        out.reserve(tokens.size());
        for (const Token& token : tokens)
            out.push_back(token.id);
        return out;
    }
};

}  // namespace headlight
