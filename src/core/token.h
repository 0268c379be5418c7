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
    std::uint8_t segment = 0;  // the row of a model's segment embeddings ("token type") that is added, 0 to 7
};

/// What a model reads at one position is one number, so that whatever passes ids on passes the segments of a
/// sentence pair on with them: the id, and above it the segment. Of the first segment it is the id alone.
inline constexpr int kSegmentShift = 28;
inline constexpr std::int32_t read_id(std::int32_t id, std::uint8_t segment) {
    return id | std::int32_t{segment} << kSegmentShift;
}
inline constexpr std::int32_t id_of_read(std::int32_t read) {
    return read < 0 ? read : read & ((std::int32_t{1} << kSegmentShift) - 1);
}
inline constexpr std::uint8_t segment_of_read(std::int32_t read) {
    return read < 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(read >> kSegmentShift);
}

struct TokenizedText {
    std::string text;  // what was tokenized, bytes as given; of a pair both sentences, a line feed between
    std::vector<Token> tokens;
    int second_token = -1;        // of a pair the first token that is of sentence B; -1: one text
    std::size_t second_byte = 0;  // of a pair where B begins in `text`

    bool is_pair() const { return second_token >= 0; }
    /// Sentence A of a pair, or the whole text; sentence B, or nothing.
    std::string first_text() const { return is_pair() ? text.substr(0, second_byte - 1) : text; }
    std::string second_text() const { return is_pair() ? text.substr(second_byte) : std::string(); }
    /// 0: of A, which begins with [CLS] and ends with the separators before B's first token. 1: of B.
    int sentence_of(int token) const { return is_pair() && token >= second_token ? 1 : 0; }

    /// As a model reads them, see read_id().
    std::vector<std::int32_t> ids() const {
        std::vector<std::int32_t> out;
        out.reserve(tokens.size());
        for (const Token& token : tokens)
            out.push_back(read_id(token.id, token.segment));
        return out;
    }
};

}  // namespace headlight
