// Tests over sequences: the sequence is the unit of replication, never a pair of tokens.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace headlight {

/// One-sided sign-flip permutation test of mean > 0: the share of sign patterns whose sum is at least the
/// observed one. Exact for up to 20 values, a fixed-seed Monte Carlo of 20,000 flips beyond. 1 for no values.
double sign_flip_p_value(std::span<const double> differences);

/// Benjamini-Hochberg q-values, in the order of the p-values.
std::vector<double> benjamini_hochberg(std::span<const double> p_values);

/// Bonferroni: p times the number of tests, at most 1.
std::vector<double> bonferroni(std::span<const double> p_values);

struct Interval {
    double low = 0, high = 0;
};

/// Percentile bootstrap 95 % interval of the mean over the values (sequences), `num_resamples` draws from a
/// generator that depends on `seed` alone. Both ends equal the mean for one value; {0, 0} for none.
Interval bootstrap_mean(std::span<const double> values, std::uint64_t seed = 1, int num_resamples = 2000);

/// mean / sd of paired differences (sample sd); nullopt below two values or without spread.
std::optional<double> cohen_d(std::span<const double> differences);

/// 1 - sd / mean over samples (population sd), clipped to [0, 1]; nullopt for mean <= 0 or fewer than two
/// values.
std::optional<double> consistency(std::span<const double> values);

/// (1 + number of permuted >= observed) / (1 + number of permuted).
double permutation_p_value(double observed, std::span<const double> permuted);

/// Ranks from 0, ties at their mean rank, minus the mean of all ranks. Empty when a value is not a number.
std::vector<double> centred_ranks(std::span<const double> values);

/// Spearman's rank correlation, ties at their mean rank; nullopt below 3 pairs or when one side is constant.
std::optional<double> spearman(std::span<const double> a, std::span<const double> b);

/// Spearman of a and b after taking the linear effect of `covariate` out of both rank vectors; nullopt as
/// above.
std::optional<double> partial_spearman(std::span<const double> a, std::span<const double> b,
                                       std::span<const double> covariate);

struct MantelResult {
    double correlation = 0;  // Spearman over the pairs i < k
    double p_value = 1;      // one-sided, item order of one side permuted
};

/// Mantel test of two symmetric distance matrices [n, n] row-major. nullopt below 4 items or for a constant
/// side.
std::optional<MantelResult> mantel_test(std::span<const double> a, std::span<const double> b, int n,
                                        int num_permutations = 999, std::uint64_t seed = 1);

}  // namespace headlight
