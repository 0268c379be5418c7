// What one measured sequence leaves behind: plain numbers of every head, as bytes for the journal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/patterns/sequence_scores.h"
#include "analysis/words/syntax.h"
#include "base/result.h"

namespace headlight {

/// What a sequence is measured for. Values are stored: new ones go to the end.
enum class ScanPart : std::uint8_t {
    Discovery,          // corpus
    Confirmation,       // corpus, other documents
    Shuffled,           // the confirmation sequences with their tokens in any order, labels of the old order
    RepeatDiscovery,    // random repeats
    Repeat,             // random repeats of another seed
    ShuffledRepeat,     // the same shuffled, labels of the old order
    Needle,             // greedy decoding of a needle
    Copy,               // copying by weights
    RandomText,         // the confirmation sequences through a model with random weights
    RandomRepeat,       // the random repeats through it
    Weights,            // metrics of the weights
    SentenceDiscovery,  // gold syntax
    Sentence            // gold syntax, other sentences
};
inline constexpr int kNumScanParts = 13;

/// A score as it is stored: single precision, NaN for what does not exist.
struct StoredScore {
    float score, null, argmax_rate, profile_null, permutation_p;
    bool is_tagged = false;
    StoredScore();
    explicit StoredScore(const SequenceScore& score);
    bool has_score() const { return score == score; }
};

/// A piece of a row of attention: keys [begin, end) and the sum of their weights.
struct ExampleCell {
    std::uint32_t begin = 0, end = 0;
    float weight = 0;
};

/// A row that may show what a head does.
struct ExampleRow {
    std::uint32_t head = 0;      // in the HeadGrid
    std::int32_t detector = -1;  // index into detectors(), -1: chosen by its largest weight
    bool is_strongest = false;   // else a row that was drawn
    std::uint32_t query = 0;
    float score = 0;  // mass on the detector's pairs, or the largest weight
    std::vector<ExampleCell> cells;
};

/// A relation in a sentence: what holds for every head.
struct SentenceRelation {
    std::string name;     // "nsubj to head"
    double chance = 0;    // hits of a head that looks anywhere
    PairOffsets offsets;  // pairs by distance in words

    int num_pairs() const;
};

struct ScanRecord {
    std::uint32_t index = 0;          // of the sequence in the plan
    std::string note;                 // why there is nothing, empty when there is
    std::string document;             // where the sequence comes from
    std::int64_t first_token = 0;     // of the document
    std::vector<StoredScore> scores;  // [head, detector], empty when the part has none
    std::vector<float> metrics;       // [head, metric]; of a Copy part [head]: the same with -W_O
    std::vector<ExampleRow> examples;
    std::vector<std::string> displays;        // of the sequence's tokens; empty without examples
    std::vector<SentenceRelation> relations;  // of a sentence with gold syntax
    std::vector<std::uint16_t> hits;          // [head, relation]: pairs whose largest key is right
};

std::string encode_record(const ScanRecord& record);
/// Errors: Corrupt. No count is believed beyond the bytes that are there.
Result<ScanRecord> decode_record(std::string_view bytes);

}  // namespace headlight
