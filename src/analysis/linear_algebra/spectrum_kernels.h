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

/// out = A^T B of two [stride, num_cols] matrices, [num_cols, num_cols] with `out_stride`, whose padding is
/// left alone.
void multiply_transposed(const double* a, const double* b, int num_cols, int stride, double* out,
                         int out_stride);

/// Reduces a square matrix [num_cols, num_cols] to bidiagonal form by reflections from both sides (Golub and
/// Kahan 1965): `diagonal` [num_cols] and `superdiagonal` [num_cols - 1] have its singular values. `a` is
/// destroyed; `scratch` holds 2 stride values.
void bidiagonalize(double* a, int num_cols, int stride, double* diagonal, double* superdiagonal,
                   double* scratch);

/// Reduces a square matrix to upper Hessenberg form by a similarity: the same eigenvalues. `scratch` holds 2
/// stride values.
void hessenberg(double* a, int num_cols, int stride, double* scratch);

/// The first column of what a QR step would multiply by.
struct Bulge {
    double x = 0, y = 0, z = 0;
};

/// One QR step with a double shift on rows and columns [lo, hi], hi >= lo + 2, of a Hessenberg matrix.
void francis_sweep(double* h, int stride, int lo, int hi, const Bulge& bulge);

}  // namespace headlight::kernels
