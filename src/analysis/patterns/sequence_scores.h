// Every detector on one head of one sequence, as plain numbers for statistics over many sequences: score,
// uniform null, the head's own positional null (N1) and a permutation of the token labels (N2).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "analysis/detector.h"
#include "analysis/patterns/positional_profile.h"
#include "core/matrix.h"

namespace headlight {

struct SequenceOptions {
    const TokenFrequencies* frequencies = nullptr;  // for rare_token; null: ids stand for ranks
    const Matrix* embeddings = nullptr;  // [tokens, hidden] of this text, for semantic; null: no such score
    int num_permutations = 999;          // 0: no null N2
    std::uint64_t seed = 1;              // of the permutations
};

/// What all heads of a sequence share: labels, key sets, permutations. Made once, read from any thread.
class SequenceText {
  public:
    SequenceText(std::span<const Token> tokens, bool is_causal, const SequenceOptions& options = {});
    ~SequenceText();
    SequenceText(SequenceText&&) noexcept;
    SequenceText& operator=(SequenceText&&) noexcept;

    /// For RunRequest::key_sets: masses that the capture pass takes on the way. Optional.
    const std::vector<KeySet>& live_key_sets() const;
    int num_tokens() const;

    struct Parts;
    const Parts& parts() const { return *parts_; }

  private:
    std::unique_ptr<Parts> parts_;
};

/// One detector on one head of one sequence.
struct SequenceScore {
    std::optional<double> score, null, argmax_rate;  // nullopt: no scored row, or measured otherwise
    std::optional<double>
        profile_null;  // score of the head's positional profile (N1), content detectors only
    std::optional<double>
        permutation_p;       // N2 (1 + as large) / (1 + tried), content detectors with labels only
    bool is_tagged = false;  // by the rule for one text, and by N1 where the detector asks for it
    int num_rows = 0;
    int column = -1;  // global_column: the key it chose
};

/// All detectors in registry order. `profile` comes from other texts; null or empty: no N1. Safe from any
/// thread.
std::vector<SequenceScore> score_sequence(const AttentionTrace& trace, const SequenceText& text, HeadId head,
                                          const PositionalProfile* profile = nullptr);

/// The same of several heads, which share the work on permuted labels. `profiles` [heads], or empty.
std::vector<std::vector<SequenceScore>> score_sequence(const AttentionTrace& trace, const SequenceText& text,
                                                       std::span<const HeadId> heads,
                                                       std::span<const PositionalProfile> profiles);
/// As many heads as go well together there.
inline constexpr std::size_t kHeadsScoredTogether = 8;

/// Mass on a detector's pairs per row [num_queries], for choosing examples; -1 for rows it does not score.
/// Empty for detectors without pairs of their own (global_column, uniform, semantic, copying, retrieval).
/// `detector` is an index into detectors() as it was when `text` was made.
std::vector<float> row_masses(const AttentionTrace& trace, const SequenceText& text, HeadId head,
                              std::size_t detector);

}  // namespace headlight
