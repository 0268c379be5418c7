// Does a head point from words to the words they belong to? Accuracy of its largest key against the best
// fixed offset (Clark et al. 2019, Voita et al. 2019), for gold syntax or for closed lists of small words.
#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "analysis/words/conllu.h"
#include "core/token.h"

namespace headlight {

/// Word pairs of one relation: from the attending word to the attended one.
struct RelationPairs {
    std::string name;                        // "det to head", "noun to determiner"
    std::vector<std::pair<int, int>> pairs;  // {query word, key word}
};

/// A text in words, with the relations among them.
struct RelationText {
    std::vector<int> word_of_token;  // [tokens]; -1: special, punctuation or white space
    int num_words = 0;
    std::vector<RelationPairs> relations;
};

/// Relations that closed lists of English words find without a parser: "noun to determiner" (last open word
/// of the run after one), "verb to subject" (auxiliaries and the like to the nearest earlier pronoun or
/// capitalised word), "object to preposition".
RelationText find_relations(std::span<const Token> tokens);
/// Gold relations of a sentence that was tokenized from its `text`: each in both directions, "det to head"
/// and "det from head". A token belongs to the word it shares most bytes with.
RelationText gold_relations(const ConlluSentence& sentence, std::span<const Token> tokens);

/// [words, words]: sum over the pieces of the attended word, mean over the pieces of the attending word.
/// Tokens without a word are left out on both sides. `matrix` is [tokens, tokens].
std::vector<float> reduce_to_words(std::span<const float> matrix, std::span<const int> word_of_token,
                                   int num_words);

/// The pairs of a relation that a head can be measured on: the mask allows them and both words have tokens.
struct EligiblePairs {
    std::string name;
    std::vector<std::pair<int, int>> pairs;  // {query word, key word}
    double chance = 0;  // sum over pairs of 1 / words that the query could have looked at
};

/// Relations without such a pair are left out; the order is that of `text`.
std::vector<EligiblePairs> eligible_pairs(const RelationText& text, bool is_causal);

/// How many pairs of each relation have an attending word whose largest key, itself left out, is the other.
/// `matrix` is [tokens, tokens] of one head.
std::vector<int> count_hits(std::span<const float> matrix, const RelationText& text,
                            std::span<const EligiblePairs> relations);

/// Pairs by distance in words, query minus key.
using PairOffsets = std::map<int, int>;
PairOffsets pair_offsets(const EligiblePairs& relation);
/// The distance of most pairs and how many have it: what a head that looks at one distance can hit. {0, 0}
/// for none.
std::pair<int, int> best_offset(const PairOffsets& offsets);

// When a head is above the best fixed offset.
inline constexpr int kLeastRelationPairs = 20;
inline constexpr double kLeastAboveOffset = 0.1;

}  // namespace headlight
