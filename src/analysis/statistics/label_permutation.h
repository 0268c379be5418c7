// Null N2: the same head on the same text, with the tokens' labels in other places. The statistic is the
// excess, over the pairs of a detector, of the weights over an even spread of the row's attention outside the
// first token and itself.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analysis/detector.h"

namespace headlight {

/// a_ij minus the row's mean over its keys but 0 and i, for those keys; 0 elsewhere. [num_queries, num_keys]
std::vector<float> excess_weights(std::span<const float> matrix, const AttentionTrace& trace, int layer);

/// The pairs of one detector under permuted labels, made once per text.
class PermutedPairs {
  public:
    /// Shift: every circular shift of the labels 1 .. T - 1, or `most` drawn ones if there are more. Shuffle:
    /// `most` random orders. Deterministic for a seed. No permutations for a detector that has none, or whose
    /// set is empty.
    PermutedPairs(const DetectorDescriptor& detector, const TextLabels& labels, int most, std::uint64_t seed);

    int num_permutations() const { return num_permutations_; }
    /// (1 + permutations at least as large) / (1 + permutations); nullopt without permutations.
    std::optional<double> p_value(std::span<const float> excess) const;

  private:
    /// One arrangement of the labels.
    struct Pairs {
        std::vector<std::uint32_t> group[2];  // query * T + key; second group only for differences of groups
        double weight[2] = {1, 1};            // 1 / rows of the group, for differences
    };
    void add_pairs(const DetectorDescriptor& detector, const TextLabels& labels);
    void add_class(const DetectorDescriptor& detector, std::span<const TokenLabel> labels,
                   const std::vector<std::size_t>& shifts);
    double statistic(const Pairs& pairs, std::span<const float> excess) const;

    std::size_t num_tokens_ = 0;
    int num_permutations_ = 0;
    bool is_difference_ = false;
    std::vector<Pairs> pairs_;                     // [0] as it is, then permuted
    std::vector<std::vector<std::uint8_t>> keys_;  // key classes instead of pairs: [permutation][key]
};

}  // namespace headlight
