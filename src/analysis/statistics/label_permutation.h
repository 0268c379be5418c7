// Null N2: the same head on the same text, with the tokens' labels in other places. The statistic is the
// excess, over the pairs of a detector, of the weights over an even spread of the row's attention outside the
// first token and itself.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "analysis/detector.h"
#include "analysis/statistics/split_mix.h"

namespace headlight {

/// a_ij minus the row's mean over its keys but 0 and i, for those keys; 0 elsewhere. [num_queries, num_keys]
std::vector<float> excess_weights(std::span<const float> matrix, const AttentionTrace& trace, int layer);
/// The same of the first `num_tokens` queries and keys: [num_tokens, num_tokens].
std::vector<float> excess_weights(std::span<const float> matrix, const AttentionTrace& trace, int layer,
                                  int num_tokens);

/// Excess of several heads side by side, so that sums over the same cells come for all of them at once. The
/// spans must outlive it.
class ExcessOfHeads {
  public:
    static constexpr std::size_t kLanes = 8;
    explicit ExcessOfHeads(std::span<const std::span<const float>> heads);

    std::span<const std::span<const float>> heads() const { return heads_; }
    /// Heads [kLanes * group, ...): [cell][kLanes], zeros beyond the last head. Null for long texts.
    const float* lanes(std::size_t group) const {
        return group < lanes_.size() ? lanes_[group].data() : nullptr;
    }

  private:
    std::vector<std::span<const float>> heads_;
    std::vector<std::vector<float>> lanes_;
};

/// The pairs of one detector under permuted labels, made once per text.
class PermutedPairs {
  public:
    /// Shift: every circular shift of the labels 1 .. T - 1, or `most` drawn ones if there are more. Shuffle:
    /// `most` random orders. Deterministic for a seed. No permutations for a detector that has none, or whose
    /// set is empty. `may_cut`: a key class gets more than its shifts, up to `most`, by cutting the labels
    /// into a dozen runs that are put in another order.
    PermutedPairs(const DetectorDescriptor& detector, const TextLabels& labels, int most, std::uint64_t seed,
                  bool may_cut = false);

    int num_permutations() const { return num_permutations_; }
    /// (1 + permutations at least as large) / (1 + permutations); nullopt without permutations.
    std::optional<double> p_value(std::span<const float> excess) const;
    /// The same of several heads at once, which is cheaper; empty without permutations.
    std::vector<double> p_values(std::span<const std::span<const float>> heads) const {
        return p_values(ExcessOfHeads(heads));
    }
    std::vector<double> p_values(const ExcessOfHeads& heads) const;

  private:
    /// One arrangement of the labels.
    struct Pairs {
        std::vector<std::uint32_t> group[2];  // query * T + key; second group only for differences of groups
        double weight[2] = {1, 1};            // 1 / rows of the group, for differences
    };
    void add_pairs(const DetectorDescriptor& detector, const TextLabels& labels);
    void add_class(const DetectorDescriptor& detector, std::span<const TokenLabel> labels,
                   const std::vector<std::size_t>& shifts);
    void add_cut_classes(std::size_t count, SplitMix& random);
    void add_equal_ids(const DetectorDescriptor& detector, std::span<const TokenLabel> labels,
                       std::size_t count, SplitMix& random);
    void add_shifts(const DetectorDescriptor& detector, const TextLabels& labels,
                    const std::vector<std::size_t>& shifts);
    double statistic(const Pairs& pairs, std::span<const float> excess) const;
    std::vector<double> statistics_of(std::span<const float> excess) const;
    double p_of(std::span<const double> statistics) const;
    /// Cells of the pairs of one arrangement of equal_.
    void place_equal(std::size_t draw, std::vector<std::uint32_t>& cells) const;
    /// [head][arrangement] of the heads of one group.
    std::vector<std::vector<double>> lane_statistics(const float* lanes, std::size_t num_heads) const;

    std::size_t num_tokens_ = 0;
    int num_permutations_ = 0;
    bool is_difference_ = false;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> equal_;  // tokens with one id, the earlier first
    std::uint32_t equal_offset_ = 0;                              // of the key behind the earlier one
    std::vector<std::uint32_t> places_;  // [arrangement][T]: where each token stands; with equal_ only
    std::vector<Pairs> pairs_;           // [0] as it is, then permuted
    std::vector<std::vector<std::uint8_t>> keys_;  // key classes instead of pairs: [permutation][key]
};

}  // namespace headlight
