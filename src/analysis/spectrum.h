// Singular values of W_QK and W_OV of a head from their thin factors, never from the d x d product.
#pragma once

#include <span>
#include <vector>

#include "analysis/metric.h"
#include "core/matrix.h"

namespace headlight {

/// Singular values of A B^T, descending, where A and B are [d, k] with k <= d: thin QR of both, then the SVD of the
/// k x k matrix R_A R_B^T (identical non-zero values, no squared condition number). k values.
std::vector<double> singular_values_of_product(const Matrix& a, const Matrix& b);

/// W_QK = query key^T and W_OV = value output; `output` is [head_dim, hidden].
HeadSpectrum compute_spectrum(const Matrix& query, const Matrix& key, const Matrix& value, const Matrix& output);

}  // namespace headlight
