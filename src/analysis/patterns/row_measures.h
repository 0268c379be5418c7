// Numbers of one attention row that several metrics and reports share.
#pragma once

#include <span>

#include "core/attention_trace.h"

namespace headlight {

/// ln n of a number of keys. All rows of all heads ask for the same few, so small ones are looked up.
double log_of_count(int n);

/// tr J = 1 - sum a^2 of the softmax Jacobian J = diag(a) - a a^T: 0 for all weight on one key, 1 - 1/n for
/// an even row.
double softmax_jacobian_trace(const RowStats& row);

/// |J|_F = sqrt(sum a^2 - 2 sum a^3 + (sum a^2)^2): 0 for all weight on one key, sqrt(n - 1) / n for an even
/// row, 1/2 for two equal keys.
double softmax_jacobian_norm(const RowStats& row);

/// The smallest entropy, nats, that a row over `num_keys` keys can have when the norm of its centred logits
/// is at most `logit_norm`: one logit high, the others equal. ln(1 + (n-1) b) + s sqrt(n (n-1)) b / (1 +
/// (n-1) b), b = exp(-s sqrt(n / (n-1))) (bound of Zhai et al. 2023). What lies above it is the distance to
/// collapse.
double entropy_floor(double logit_norm, int num_keys);

/// Norm of the centred logits of a row, read back from its weights (ln a_j minus their mean) over `keys`;
/// infinity when a weight is 0.
double centred_logit_norm(std::span<const float> weights, KeyRange keys);

}  // namespace headlight
