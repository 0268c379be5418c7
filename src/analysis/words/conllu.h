// Texts with gold syntax: CoNLL-U, ten columns a word, sentences apart by empty lines
// (universaldependencies.org).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace headlight {

struct ConlluWord {
    std::string form;
    std::string part_of_speech;      // UPOS
    std::string relation;            // to its head: "nsubj"
    int head = -1;                   // index of the head word; -1: root, or not given
    std::size_t begin = 0, end = 0;  // bytes of ConlluSentence::text
};

struct ConlluSentence {
    std::string text;  // the forms with the spaces that SpaceAfter=No does not take away
    std::vector<ConlluWord> words;
};

inline constexpr std::size_t kMostConlluSentences = 100'000;
inline constexpr std::size_t kMostConlluWords = 1'000;      // of one sentence
inline constexpr std::size_t kMostConlluFormBytes = 1'000;  // of one word

/// Words in several pieces ("1-2  du") share the span of the written form; empty nodes ("1.1") are left out.
/// Errors: Corrupt with the line (columns, numbers, heads outside the sentence, invalid UTF-8, limits).
Result<std::vector<ConlluSentence>> parse_conllu(std::string_view text);

}  // namespace headlight
