// What a token is, as far as detectors ask: punctuation, start of a word, vowel, bracket, start of a line.
// Everything is read off the decoded text of the token and of those before it, so a prefix keeps its labels.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/token.h"

namespace headlight {

enum class LetterClass : std::uint8_t { None, Vowel, Consonant };

/// One token with its classes.
struct TokenLabel {
    std::int32_t id = 0;
    bool is_special = false;
    bool is_punctuation = false;  // . , ; : ! ? and their relatives, with or without a space before
    bool is_whitespace = false;   // nothing but spaces, tabs, newlines
    bool is_word = false;         // holds letters or digits
    bool is_word_start = false;   // first token of a word
    bool is_boundary = false;     // whitespace; in texts of longer tokens also the first token of a word
    bool is_word_part = false;    // ends inside a word, so the next token may continue it
    bool ends_sentence = false;   // . ! ? or a newline
    LetterClass letter = LetterClass::None;  // of tokens that are one letter
    int indent = -1;       // columns before the first visible character of a line; -1: not a line's start
    double rarity = 0;     // larger is rarer: -ln frequency, or the id where no frequencies are known
    std::string brackets;  // ( ) [ ] { } of the token, in order
    std::vector<char32_t> quotes;  // double quotes and guillemets, in order
};

/// How often each token id occurs in a reference corpus.
struct TokenFrequencies {
    std::map<std::int32_t, std::int64_t> count;
    std::int64_t total = 0;
};

/// A text as key sets see it.
struct TextLabels {
    std::span<const TokenLabel> tokens;
    bool is_causal = true;              // false: keys after the query are allowed too
    bool is_characters = false;         // every token of the text is a single character
    std::span<const Token> words = {};  // what `tokens` are of; empty where it is not known
};

/// Labels of all tokens. `frequencies` may be null.
std::vector<TokenLabel> label_tokens(std::span<const Token> tokens,
                                     const TokenFrequencies* frequencies = nullptr);
/// Ids and special flags only, for key sets that need no more.
std::vector<TokenLabel> label_ids(std::span<const Token> tokens);
/// True if at least one token is text and all such tokens are single characters.
bool is_character_text(std::span<const Token> tokens);

/// Of the decoded text of one token.
bool is_punctuation(std::string_view text);
bool is_whitespace(std::string_view text);
/// a e i o u with accents (y is a consonant), Hebrew alef he vav yod ayin and vowel points.
LetterClass letter_class(char32_t letter);

/// Index of the word of each token, ascending from 0; -1 for special and whitespace tokens, and punctuation
/// alone.
std::vector<int> word_indices(std::span<const TokenLabel> labels);
/// Index of the sentence or line of each token, ascending from 0; the end mark belongs to the sentence it
/// ends.
std::vector<int> sentence_indices(std::span<const TokenLabel> labels);

}  // namespace headlight
