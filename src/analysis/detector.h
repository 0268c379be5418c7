// Detectors: does this head follow a known pattern, and how sure is that? One framework for all:
// a detector is a set P of (query, key) pairs inside the mask, built from positions and tokens only.
//   score S = mean over rows with 0 < m_i < n_i of the mass in P;  null S0 = the same for a uniform head;
//   lift = S / S0;  kappa = (S - S0) / (1 - S0);  argmax rate = share of those rows whose largest key is in P.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/attention_trace.h"
#include "core/head_id.h"
#include "core/token.h"

namespace headlight {

enum class DetectorKind {
    Positional,  // P follows from positions: valid on any text
    Content      // P follows from the tokens: meant for the random-repeat probe; on typed text marked as such
};

struct DetectorScore {
    std::optional<double> score, null, lift, kappa, argmax_rate;  // nullopt: no scored row
    int num_rows = 0;         // |Q|
    bool is_tagged = false;
    std::string reason;       // why tagged or not, with the thresholds: "score 0.76 >= 0.5, lift 7.0 >= 2"
};

/// One head seen by a detector. All spans are [num_queries].
struct DetectorInput {
    HeadId head;
    std::span<const RowStats> rows;
    std::span<const Token> tokens;
    const AttentionTrace* trace = nullptr;  // for what rows do not hold
    std::span<const float> mass;            // of the detector's own key set; empty if it has none
    const KeySet* key_set = nullptr;
};

struct DetectorDescriptor {
    const char* id;         // fixed: "previous_token"
    const char* label;      // "previous token"
    const char* glyph;      // one or two letters for chips in small places: "P"
    const char* help;       // one sentence: "attends to ..."
    const char* definition; // P in symbols, null in closed form if there is one
    const char* source;     // where threshold and definition come from
    DetectorKind kind;
    double threshold;       // on the score unless `definition` says otherwise
    /// Pairs for the capture pass; null for detectors that RowStats can answer.
    KeySet (*key_set)(std::span<const Token> tokens);
    DetectorScore (*score)(const DetectorInput& input);
    bool has_kappa_threshold = false;  // `threshold` is on kappa, not on the score
};

std::span<const DetectorDescriptor* const> detectors();
const DetectorDescriptor* find_detector(std::string_view id);

/// Key sets of all detectors that have one, for RunRequest::key_sets.
std::vector<KeySet> detector_key_sets(std::span<const Token> tokens);

struct Tag {
    const DetectorDescriptor* detector = nullptr;
    DetectorScore score;
};

/// Every detector on one head of a trace, in registry order. Masses that the trace lacks are computed from its rows.
std::vector<Tag> detect(const AttentionTrace& trace, std::span<const Token> tokens, HeadId head,
                        std::span<const KeySet> key_sets);
/// The same with the row statistics of that head at hand.
std::vector<Tag> detect(const AttentionTrace& trace, std::span<const RowStats> rows, std::span<const Token> tokens,
                        HeadId head, std::span<const KeySet> key_sets);

}  // namespace headlight
