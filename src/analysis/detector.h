// Detectors: does this head follow a known pattern, and how sure is that? One framework for all:
// a detector is a set P of (query, key) pairs inside the mask, built from positions and tokens only.
//   score S = mean over rows with 0 < m_i < n_i of the mass in P;  null S0 = the same for a uniform head;
//   lift = S / S0;  kappa = (S - S0) / (1 - S0);  argmax rate = share of those rows whose largest key is in
//   P.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/words/token_classes.h"
#include "core/attention_trace.h"
#include "core/head_id.h"
#include "core/token.h"

namespace headlight {

class TextSimilarity;
struct EvenHead;
struct OwnRule;

enum class DetectorKind {
    Positional,  // P follows from positions: valid on any text
    Content,     // P follows from the tokens: meant for many texts or the random-repeat probe
    Behaviour    // of what the head does while the model writes: measured by a probe of a scan only
};

/// How token labels are permuted for null N2.
enum class LabelPermutation {
    None,
    Shift,   // circularly within the text, key 0 in place: keeps runs
    Shuffle  // in any order, key 0 in place
};

struct DetectorScore {
    std::optional<double> score, null, lift, kappa, argmax_rate;  // nullopt: no scored row
    int num_rows = 0;                                             // |Q|
    bool is_tagged = false;
    std::string reason;          // why tagged or not, with the thresholds: "score 0.76 >= 0.5, lift 7.0 >= 2"
    std::optional<double> p, q;  // of the test on one text; nullopt: it was not put to one
    int column = -1;             // the key that global_column chose
};

/// One head seen by a detector. All spans are [num_queries].
struct DetectorInput {
    HeadId head;
    std::span<const RowStats> rows;
    std::span<const Token> tokens;
    const AttentionTrace* trace = nullptr;  // for what rows do not hold
    std::span<const float> mass;            // of the detector's own key set; empty if it has none
    const KeySet* key_set = nullptr;
    TextLabels labels;              // of `tokens`
    std::span<const float> matrix;  // [num_queries, num_keys]; only for detectors that read rows
    std::span<const std::int32_t>
        content_argmax;                          // largest key but key 0 and the query; -1: none; as `matrix`
    const TextSimilarity* similarity = nullptr;  // of the tokens' embeddings; null: not known
    std::span<const KeyRange> key_ranges =
        {};                                 // that the mask allows, asked of the trace once; empty: ask it
    const EvenHead* even = nullptr;         // between units: the even head, whose rows are the null
    std::span<const float> even_mass = {};  // of the detector's own key set
};

struct DetectorDescriptor {
    const char* id;          // fixed: "previous_token"
    const char* label;       // "previous token"
    const char* glyph;       // one or two letters for chips in small places: "P"
    const char* help;        // one sentence: "attends to ..."
    const char* definition;  // P in symbols, null in closed form if there is one
    const char* source;      // where threshold and definition come from
    DetectorKind kind;
    double threshold;  // on the score unless `definition` says otherwise
    /// Pairs for the capture pass; null for detectors that RowStats or the rows themselves can answer.
    KeySet (*key_set)(const TextLabels& labels) = nullptr;
    DetectorScore (*score)(const DetectorInput& input);
    bool has_kappa_threshold = false;   // `threshold` is on kappa, not on the score
    bool has_argmax_threshold = false;  // `threshold` is on the argmax rate
    /// Cheap enough for every key stroke: from RowStats, or few pairs that the capture pass sums. The others
    /// read the rows, on texts of up to kMostRowDetectorTokens tokens.
    bool is_live = false;
    /// Position alone explains part of it, so one text never tags: the head's positional profile must be
    /// beaten too.
    bool needs_profile = false;
    LabelPermutation permutation = LabelPermutation::None;
    /// Pairs of tokens with one id: the key is the earlier of them (0) or the token behind it (1). -1: the
    /// pairs are others.
    int equal_id_offset = -1;
    /// Key classes: the key set is every earlier key of that class but key 0 and the query.
    bool (*is_key)(const TokenLabel& label) = nullptr;
    /// Differences between groups of queries: 0 and 1 for the two groups, -1 for queries in neither.
    int (*query_group)(const TokenLabel& label) = nullptr;
    /// The coarsest units between which the pattern means something, and why it means nothing between others.
    TextUnit coarsest = TextUnit::Line;
    const char* why_no_coarser = "";
    /// A saved rule (analysis/search/own_detectors.h) in place of `key_set` and `score`; null: built in.
    const OwnRule* own = nullptr;

    bool has_pairs() const { return key_set != nullptr || own != nullptr; }
    /// Of a detector that has pairs.
    KeySet pairs(const TextLabels& labels) const;
    DetectorScore measure(const DetectorInput& input) const;
};

/// Detectors that read rows are measured on texts up to this long; longer texts get a reason instead of a
/// score.
inline constexpr int kMostRowDetectorTokens = 256;
/// How far the score must lie above that of the positional profile where a detector needs_profile.
inline constexpr double kLeastAboveProfile = 0.1;

/// All of detectors.def, and the rules of one's own behind them.
std::span<const DetectorDescriptor* const> detectors();
const DetectorDescriptor* find_detector(std::string_view id);

/// Key sets of the live detectors, for RunRequest::key_sets.
std::vector<KeySet> detector_key_sets(std::span<const Token> tokens);

struct Tag {
    const DetectorDescriptor* detector = nullptr;
    DetectorScore score;
};

/// Every detector on one head of a trace, in registry order. Masses that the trace lacks are computed from
/// its rows.
std::vector<Tag> detect(const AttentionTrace& trace, std::span<const Token> tokens, HeadId head,
                        std::span<const KeySet> key_sets);

}  // namespace headlight
