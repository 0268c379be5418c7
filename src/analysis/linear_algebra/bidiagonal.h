// Singular values of a bidiagonal matrix.
#pragma once

#include <vector>

namespace headlight {

/// Values of the upper bidiagonal matrix with this diagonal [n] and superdiagonal [n - 1], descending; both
/// are destroyed. Implicit QR with shifts, and without one where that would cost accuracy (Demmel and Kahan
/// 1990). Entries must be finite and of moderate size.
std::vector<double> bidiagonal_singular_values(std::vector<double>& diagonal,
                                               std::vector<double>& superdiagonal);

}  // namespace headlight
