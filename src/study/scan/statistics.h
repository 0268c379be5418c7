// From the scores of single sequences to an entry of the atlas: means, tests over sequences, and the rule
// that tags.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/detector.h"
#include "core/atlas.h"
#include "study/scan/record.h"

namespace headlight {

// The rule of a tag, beside the detector's own threshold.
inline constexpr int kLeastTagSequences = 12;
inline constexpr double kTagLevel = 0.05;  // of q, and of p against the other nulls
inline constexpr double kLeastConsistency = 0.7;
inline constexpr double kLeastOwnShare = 0.7;  // of sequences that meet the rule for one text

/// Scores of one head under one detector, a value each sequence that had a scored row.
struct ScanSamples {
    std::vector<double> scores, nulls, argmax_rates;
    std::vector<double> above_profile;  // score - profile null, where there is one
    std::vector<double> permutation_ps;
    int num_own_tags = 0;  // sequences on which the rule for one text is met

    void add(const StoredScore& score);
    int size() const { return static_cast<int>(scores.size()); }
};

/// Mean score and null, their ratio (lift) and kappa of the means.
AtlasScore mean_score(const ScanSamples& samples);

/// p-values combined by Fisher's method: -2 sum ln p against chi-squared with two degrees of freedom each.
/// nullopt for none.
std::optional<double> combine_p_values(const std::vector<double>& p_values);

/// One family of tests: entries [head, detector], samples in the same order.
struct ScanTests {
    std::vector<AtlasEntry> entries;
    int num_content_tests = 0, num_positional_tests = 0;  // with a p-value
    int num_content_below = 0,
        num_positional_below = 0;  // q below the level, whatever the rest of the rule says
};

/// Tests all entries, corrects over all of them and applies the rule. `has_intervals`: bootstrap too (the
/// main half only). Deterministic whatever `num_threads`.
ScanTests test_entries(const std::vector<ScanSamples>& samples, HeadGrid grid, bool has_intervals,
                       int num_threads, std::uint64_t seed);

}  // namespace headlight
