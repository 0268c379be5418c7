// Singular values of an attention pattern: a matrix of probabilities, not one of weights.
#pragma once

#include <span>
#include <vector>

namespace headlight {

/// Singular values, descending, of `matrix` [num_queries, num_keys] with masked entries 0; min(num_queries,
/// num_keys) of them. Cubic in the tokens. Empty where the sizes do not fit.
std::vector<double> pattern_singular_values(std::span<const float> matrix, int num_queries, int num_keys);

}  // namespace headlight
