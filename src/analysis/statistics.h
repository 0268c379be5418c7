// Tests over sequences: the sequence is the unit of replication, never a pair of tokens.
#pragma once

#include <span>
#include <vector>

namespace headlight {

/// One-sided sign-flip permutation test of mean > 0: the share of sign patterns whose sum is at least the
/// observed one. Exact for up to 20 values, a fixed-seed Monte Carlo of 20,000 flips beyond. 1 for no values.
double sign_flip_p_value(std::span<const double> differences);

/// Benjamini-Hochberg q-values, in the order of the p-values.
std::vector<double> benjamini_hochberg(std::span<const double> p_values);

}  // namespace headlight
