// How far apart the hidden states of a text are.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/matrix.h"

namespace headlight {

/// Mean cosine distance of two different rows of `states` [N, hidden], in [0, N / (N - 1)]: N / (N - 1) times
/// (1 - |mean of the unit vectors|^2). nullopt below two rows or for a zero row.
std::optional<double> mean_cosine_distance(const Matrix& states);

/// 1 - cosine of every two of the first `num_items` rows, [num_items, num_items]; zero rows have distance 1.
std::vector<double> cosine_distances(const Matrix& states, int num_items);

/// Mean Euclidean distance of all pairs of rows, each with itself included: the document's number.
double mean_euclidean_distance(const Matrix& states);

/// Fisher's combination of independent p-values: the chance of a product at most this small.
double fisher_combined(std::span<const double> p_values);

}  // namespace headlight
