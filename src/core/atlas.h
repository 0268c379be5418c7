// An atlas: what a scan of a corpus found out about every head of a model. Plain values; io/ reads and writes
// them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/head_grid.h"

namespace headlight {

/// A detector as it was when the scan ran, so that an old atlas still says what it measured.
struct AtlasDetector {
    std::string id, label, definition, source;
    bool is_content = false;  // needs the tokens; false: position alone
    double threshold = 0;
    std::string measured_on;  // "corpus" or the name of a probe: "random-repeat", "needle", "copy"
};

/// Means over the sequences of one half.
struct AtlasScore {
    int num_sequences = 0;  // that had a scored row
    std::optional<double> score, null, lift, kappa, argmax_rate;
};

/// One head under one detector.
struct AtlasEntry {
    HeadId head;
    std::string detector;
    AtlasScore discovery, confirmation;
    // Of the confirmation half; the unit is the sequence, the difference is score minus null.
    std::optional<double> p_value;     // one-sided sign-flip
    std::optional<double> q_value;     // Benjamini-Hochberg over all heads x detectors; of a content detector
                                       // the largest of its three p-values counts
    std::optional<double> bonferroni;  // the same p times their number, at most 1
    std::optional<double> consistency;          // 1 - sd / mean of the scores, clipped to [0, 1]
    std::optional<double> interpretability;     // mean score x consistency
    std::optional<double> positive_share;       // sequences with lift > 1
    std::optional<double> cohen_d;              // mean / sd of the differences
    std::optional<double> low, high;            // bootstrap 95 % interval of the mean score
    std::optional<double> profile_p_value;      // against the head's own positional profile (null N1)
    std::optional<double> permutation_p_value;  // against permuted token labels (null N2)
    std::optional<double> shuffled_score;       // the same detector on shuffled tokens
    bool is_tagged = false;
    std::string reason;  // which rule decided, with numbers
};

/// A relation between words of sentences with gold syntax, from the attending word to the attended one.
struct AtlasRelation {
    std::string name;  // "nsubj to head": from the dependent; "nsubj from head": from its head
    int num_sentences = 0, num_pairs = 0;  // of the confirmation half
    double null = 0;          // hits of a head that looks at any other word, as a share of the pairs
    double baseline = 0;      // hits of the best fixed offset on the same pairs
    int baseline_offset = 0;  // in words, query minus key
};

/// One head under one relation.
struct AtlasRelationEntry {
    HeadId head;
    std::string relation;
    std::optional<double> discovery;  // its score in the discovery half
    double score =
        0;  // share of the pairs in which the attended word is the largest key but the query itself
    std::optional<double> p_value;     // one-sided sign-flip over sentences: hits minus those of the baseline
    std::optional<double> q_value;     // Benjamini-Hochberg over all heads x relations
    std::optional<double> bonferroni;  // the same p times their number, at most 1
    bool is_tagged = false;
    std::string reason;  // which rule decided, with numbers
};

/// One row of attention as evidence: the strongest, or one of a decile of the corpus.
struct AtlasExample {
    std::string document;
    std::int64_t first_token = 0;     // of the window, in tokens of the document
    int query = 0;                    // index into `tokens`
    std::vector<std::string> tokens;  // display forms of the window
    std::vector<float> weights;       // [query + 1] (causal) or [tokens]
    double score = 0;                 // by which it was chosen
    int decile = -1;                  // 0..9 for a decile example, -1 for a top one
};

struct AtlasHead {
    HeadId head;
    std::map<std::string, std::optional<double>> metrics;  // mean over confirmation sequences, metric ids
    std::string shape;          // "vertical", "diagonal", "vertical and diagonal", "block", "heterogeneous"
    std::string best_detector;  // the tag with the largest interpretability x ln lift; empty: none
    std::vector<AtlasExample> examples;  // of best_detector, or of the largest weight when there is none
};

/// How often content tags fire where nothing can be found.
struct AtlasControl {
    std::string name;  // "random weights", "shuffled tokens"
    int num_runs = 0;  // models or sequences
    int num_content_tags = 0, num_content_tests = 0;
    int num_positional_tags = 0, num_positional_tests = 0;
};

/// A question of the user in words, answered with the atlas' numbers.
struct AtlasAnswer {
    std::string question, answer;
};

struct Atlas {
    std::string model, family, dtype, model_path, headlight_version;
    int num_layers = 0, num_heads = 0;
    std::vector<std::string> corpus;  // document names
    std::int64_t num_corpus_bytes = 0;
    std::uint64_t seed = 0;
    int sequence_length = 0;                      // tokens
    int num_discovery = 0, num_confirmation = 0;  // sequences
    std::vector<std::string> probes;
    std::vector<AtlasDetector> detectors;
    std::vector<AtlasHead> heads;     // [HeadGrid]
    std::vector<AtlasEntry> entries;  // [HeadGrid][detector]
    std::vector<std::string> conllu;  // files of sentences with gold syntax; empty: none were read
    int num_sentences_discovery = 0, num_sentences_confirmation = 0;
    std::vector<AtlasRelation> relations;
    std::vector<AtlasRelationEntry> relation_entries;  // [HeadGrid][relation]
    std::vector<AtlasControl> controls;
    std::vector<AtlasAnswer> answers;
    std::string methods;  // how everything was measured, in sentences

    HeadGrid grid() const { return {num_layers, num_heads}; }
    const AtlasEntry& entry(HeadId id, std::size_t detector) const {
        return entries[grid().index(id) * detectors.size() + detector];
    }
};

}  // namespace headlight
