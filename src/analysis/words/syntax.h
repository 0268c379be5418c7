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

struct RelationScore {
    std::string relation;
    int num_eligible = 0;  // pairs that the mask allows
    double accuracy = 0;   // share of them whose attending word looks most at the other one, itself left out
    double baseline = 0;   // the same for the best fixed offset in words
    int baseline_offset = 0;  // query minus key
    bool is_above = false;    // accuracy 0.1 or more above it, on 20 pairs or more
};

/// Hits of one head over texts; tallies of shards merge.
class RelationTally {
  public:
    void add(std::span<const float> matrix, const RelationText& text, bool is_causal);
    void merge(const RelationTally& other);
    /// By name.
    std::vector<RelationScore> scores() const;

  private:
    struct Counts {
        int num_eligible = 0, num_hits = 0;
        std::map<int, int> offsets;  // query minus key -> pairs
    };
    std::map<std::string, Counts> counts_;
};

/// One head on one text.
std::vector<RelationScore> score_relations(std::span<const float> matrix, const RelationText& text,
                                           bool is_causal);

}  // namespace headlight
