// The loops that spectra spend their time in, compiled for AVX2 and for any x86-64 and chosen at run time.
// All matrices are column-major doubles: column j starts at j * stride, stride is a multiple of kLane, and
// the rows past the real ones are zero (which changes no product).
#pragma once

namespace headlight::kernels {

inline constexpr int kLane = 4;
constexpr int padded(int rows) {
    return (rows + kLane - 1) / kLane * kLane;
}

/// Householder QR of a [stride, num_cols], stride >= num_cols; R goes to the upper triangle of `r`, row-major
/// with `r_stride` columns, the rest of which is left alone. `a` is destroyed.
void householder_r(double* a, int num_cols, int stride, double* r, int r_stride);

/// out = A^T B of two [stride, num_cols] matrices, [num_cols, num_cols] with the same stride.
void multiply_transposed(const double* a, const double* b, int num_cols, int stride, double* out);

/// Reduces a square matrix [num_cols, num_cols] to bidiagonal form by reflections from both sides (Golub and
/// Kahan 1965): `diagonal` [num_cols] and `superdiagonal` [num_cols - 1] have its singular values. `a` is
/// destroyed; `scratch` holds 2 stride values.
void bidiagonalize(double* a, int num_cols, int stride, double* diagonal, double* superdiagonal,
                   double* scratch);

}  // namespace headlight::kernels
