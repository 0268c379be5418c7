// The two loops that spectra spend their time in, compiled for AVX2 and for any x86-64 and chosen at run time.
// All matrices are column-major doubles: column j starts at j * stride, stride is a multiple of kLane, and the rows
// past the real ones are zero (which changes no product).
#pragma once

namespace headlight::kernels {

inline constexpr int kLane = 4;
constexpr int padded(int rows) { return (rows + kLane - 1) / kLane * kLane; }

/// Householder QR of a [stride, num_cols], stride >= num_cols; R goes to the upper triangle of `r`, row-major with
/// `r_stride` columns, the rest of which is left alone. `a` is destroyed.
void householder_r(double* a, int num_cols, int stride, double* r, int r_stride);

/// One-sided Jacobi: rotates the columns of a [stride, num_cols] until they are orthogonal. Their lengths are then the
/// singular values. `norms` [num_cols] is scratch.
void orthogonalize_columns(double* a, int num_cols, int stride, double* norms);

}  // namespace headlight::kernels
