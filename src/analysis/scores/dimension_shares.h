// Which dimensions of q and k carry a head: shares of the variance of its scores.
#pragma once

#include <functional>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/score_parts.h"

namespace headlight {

/// The softmax of a row does not see what is added to all of its scores, so what a head chooses by is how
/// scores differ within a row. With x_ijd = scale q_id k_jd, b_ij the bias and s_ij = sum_d x_ijd + b_ij
/// (before a cap), bars for means over the keys K_i of a row, sums over rows with two keys or more:
///   share_d = sum_i sum_{j in K_i} (x_ijd - x̄_id)(s_ij - s̄_i)  /  sum_i sum_{j in K_i} (s_ij - s̄_i)²
/// the covariance of a dimension's part with the whole, over the variance of the whole. Because s is the sum
/// of its parts, the shares of all dimensions and of the bias sum to 1. A share below 0 works against the
/// choice; independent parts have their own variance as share. Every key counts alike, whatever weight it
/// has.
struct DimensionShares {
    std::vector<double> of;  // [depth]
    double bias = 0;         // of the score bias
    double variance = 0;     // mean of the denominator over all pairs
    int num_rows = 0;        // rows that were measured, of those with two keys or more; 0: shares are 0
    bool is_sample = false;  // of a longer text evenly spaced rows were measured, kMostShareRows at most

    /// Fewest parts whose shares reach `share`, the largest first; ties: the lower one.
    static std::vector<int> carriers(const std::vector<double>& shares, double share);
};

inline constexpr int kMostShareRows = 2048;

/// Errors: Cancelled. `admissible(i)`: keys that row i sees.
Result<DimensionShares> dimension_shares(const ScoreParts& parts,
                                         const std::function<KeyRange(int query)>& admissible,
                                         const JobContext& job);

/// The sum over the two coordinates of each pair that rotates, in the order of ScoreParts::rotation.
std::vector<double> pair_shares(const ScoreParts& parts, const std::vector<double>& shares);

}  // namespace headlight
