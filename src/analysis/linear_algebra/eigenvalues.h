// Eigenvalues of a real square matrix that need not be symmetric.
#pragma once

#include <complex>
#include <optional>
#include <vector>

#include "analysis/linear_algebra/column_matrix.h"

namespace headlight {

/// All eigenvalues, conjugate pairs next to each other, in no further order: reduction to Hessenberg form by
/// reflections, then QR steps with a double shift (Francis 1961). nullopt if an entry is no finite number or
/// the steps do not settle.
std::optional<std::vector<std::complex<double>>> eigenvalues(Columns matrix);

/// sum lambda / sum |lambda|, in [-1, 1]; the sum is the trace. nullopt where no eigenvalue differs from 0.
std::optional<double> positive_share_of_eigenvalues(Columns matrix);

}  // namespace headlight
