#include "analysis/words/token_classes.h"

#include <algorithm>
#include <cmath>

#include "analysis/words/code_points.h"
#include "analysis/words/token_text.h"
#include "base/utf8.h"

namespace headlight {
namespace {

std::u32string decode(std::string_view text) {
    std::u32string out;
    for (std::size_t byte = 0; byte < text.size();) {
        const utf8::Decoded decoded = utf8::decode(text, byte);
        out += decoded.code_point;
        byte += decoded.size_bytes;
    }
    return out;
}

/// What a token must know of the text before it.
struct TextState {
    bool ends_in_word = false;
    bool is_line_start = true;
    int column = 0;  // of the line, while nothing visible has come
};

/// First visible character of a line, and where the token leaves the line.
void track_line(TokenLabel& label, std::u32string_view text, TextState& state) {
    constexpr int kTab = 4;
    for (const char32_t c : text) {
        if (code_points::is_line_end(c)) {
            state.is_line_start = true;
            state.column = 0;
        } else if (state.is_line_start && code_points::is_space(c)) {
            state.column += c == U'\t' ? kTab - state.column % kTab : 1;
        } else if (state.is_line_start) {
            if (label.indent < 0) label.indent = state.column;
            state.is_line_start = false;
        }
    }
}

/// Whether the text goes on with the word before it: a letter, or an apostrophe before one.
bool continues_word(std::u32string_view text) {
    if (text.empty()) return false;
    if (code_points::is_word(text[0])) return true;
    return code_points::is_apostrophe(text[0]) && text.size() > 1 && code_points::is_word(text[1]);
}

void track_word(TokenLabel& label, std::u32string_view text, TextState& state) {
    label.is_word = std::any_of(text.begin(), text.end(), code_points::is_word);
    label.is_word_start = label.is_word && !(state.ends_in_word && continues_word(text));
    label.is_word_part = !text.empty() && code_points::is_word(text.back());
    state.ends_in_word = label.is_word_part;
}

/// The last mark that is no closing quote or bracket ends the sentence, or a line end does.
bool ends_sentence(std::u32string_view text) {
    if (std::any_of(text.begin(), text.end(), code_points::is_line_end)) return true;
    while (!text.empty() && (code_points::is_space(text.back()) || code_points::is_quote(text.back()) ||
                             code_points::is_bracket(text.back()))) {
        text.remove_suffix(1);
    }
    return !text.empty() && code_points::is_sentence_end(text.back());
}

TokenLabel label_token(const Token& token, TextState& state) {
    TokenLabel label;
    label.id = token.id;
    label.is_special = token.is_special;
    if (token.is_special) {
        label.ends_sentence = true;
        state.ends_in_word = false;
        return label;
    }
    const std::string bytes = token_text(token);
    const std::u32string text = decode(bytes);
    label.is_punctuation = is_punctuation(bytes);
    label.is_whitespace = is_whitespace(bytes);
    label.ends_sentence = ends_sentence(text);
    if (text.size() == 1) label.letter = letter_class(text[0]);
    track_word(label, text, state);
    track_line(label, text, state);
    for (const char32_t c : text) {
        if (code_points::is_bracket(c)) label.brackets += static_cast<char>(c);
        if (code_points::is_quote(c)) label.quotes.push_back(c);
    }
    return label;
}

double rarity_of(std::int32_t id, const TokenFrequencies* frequencies) {
    if (frequencies == nullptr) return id;
    const auto found = frequencies->count.find(id);
    const auto count = found == frequencies->count.end() ? 0.0 : static_cast<double>(found->second);
    // Half an occurrence more keeps unseen tokens finite, and rarer than any seen one.
    return -std::log((count + 0.5) / (static_cast<double>(frequencies->total) + 1.0));
}

constexpr std::u32string_view kVowels =
    U"aeiouAEIOUàáâãäåæèéêëìíîïòóôõöøùúûüÀÁÂÃÄÅÆÈÉÊËÌÍÎÏÒÓÔÕÖØÙÚÛÜāēīōūĀĒĪŌŪœŒ"
    U"אהויע";

}  // namespace

bool is_punctuation(std::string_view text) {
    bool has_mark = false;
    for (const char32_t c : decode(text)) {
        if (code_points::is_sentence_mark(c)) {
            has_mark = true;
        } else if (!code_points::is_space(c) && !code_points::is_quote(c) && !code_points::is_bracket(c)) {
            return false;
        }
    }
    return has_mark;
}

bool is_whitespace(std::string_view text) {
    const std::u32string decoded = decode(text);
    return !decoded.empty() && std::all_of(decoded.begin(), decoded.end(), code_points::is_space);
}

LetterClass letter_class(char32_t letter) {
    if (kVowels.find(letter) != std::u32string_view::npos) return LetterClass::Vowel;
    const bool is_point = (letter >= 0x5B0 && letter <= 0x5BB) || letter == 0x5C7;
    if (is_point) return LetterClass::Vowel;
    const bool is_ascii = (letter >= U'a' && letter <= U'z') || (letter >= U'A' && letter <= U'Z');
    const bool is_latin = letter >= 0xC0 && letter <= 0x24F && letter != 0xD7 && letter != 0xF7;
    const bool is_hebrew = letter >= 0x5D0 && letter <= 0x5EA;
    return is_ascii || is_latin || is_hebrew ? LetterClass::Consonant : LetterClass::None;
}

bool is_character_text(std::span<const Token> tokens) {
    bool has_text = false;
    for (const Token& token : tokens) {
        if (token.is_special) continue;
        const std::string text = token_text(token);
        if (text.empty() || utf8::decode(text, 0).size_bytes != text.size()) return false;
        has_text = true;
    }
    return has_text;
}

std::vector<TokenLabel> label_tokens(std::span<const Token> tokens, const TokenFrequencies* frequencies) {
    std::vector<TokenLabel> labels;
    labels.reserve(tokens.size());
    TextState state;
    const bool is_characters = is_character_text(tokens);
    std::size_t end_before = 0;
    for (const Token& token : tokens) {
        if (has_space_before(token, end_before)) state.ends_in_word = false;
        end_before = std::max(end_before, token.byte_end);
        TokenLabel label = label_token(token, state);
        label.is_boundary = label.is_whitespace || (label.is_word_start && !is_characters);
        label.rarity = rarity_of(token.id, frequencies);
        labels.push_back(std::move(label));
    }
    return labels;
}

std::vector<TokenLabel> label_ids(std::span<const Token> tokens) {
    std::vector<TokenLabel> labels(tokens.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        labels[i].id = tokens[i].id;
        labels[i].is_special = tokens[i].is_special;
    }
    return labels;
}

std::vector<int> word_indices(std::span<const TokenLabel> labels) {
    std::vector<int> words(labels.size(), -1);
    int count = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (!labels[i].is_word) continue;
        const bool is_joined =
            !labels[i].is_word_start && i > 0 && words[i - 1] >= 0 && labels[i - 1].is_word_part;
        words[i] = is_joined ? words[i - 1] : count++;
    }
    return words;
}

std::vector<int> sentence_indices(std::span<const TokenLabel> labels) {
    std::vector<int> sentences(labels.size(), 0);
    for (std::size_t i = 1; i < labels.size(); ++i)
        sentences[i] = sentences[i - 1] + (labels[i - 1].ends_sentence ? 1 : 0);
    return sentences;
}

}  // namespace headlight
