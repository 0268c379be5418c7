// Blocked Householder QR (compact WY), the product of triangles and the reduction to bidiagonal form, on
// vectors of four doubles.
#include "analysis/linear_algebra/spectrum_kernels.h"

#include <algorithm>
#include <cstring>

#include "analysis/linear_algebra/spectrum_lanes.h"

namespace headlight::kernels {
namespace {

constexpr int kPanel =
    4;  // reflectors that are applied together: four columns of 576 doubles stay in the first cache

/// Factors columns [first, first + count) by single reflectors and writes their part of R.
HEADLIGHT_INLINE void factor_panel(double* a, int first, int count, int stride, double* r, int r_stride,
                                   double* tau) {
    for (int j = first; j < first + count; ++j) {
        double* column = a + static_cast<long>(j) * stride;
        for (int i = first; i < j; ++i)
            r[static_cast<long>(i) * r_stride + j] = column[i];
        tau[j - first] = make_reflector(column, j, stride, r[static_cast<long>(j) * r_stride + j]);
        const int begin = j / kLane * kLane;
        for (int c = j + 1; c < first + count; ++c) {
            double* other = a + static_cast<long>(c) * stride;
            const double scale = tau[j - first] * dot(column + begin, other + begin, stride - begin);
            subtract_scaled(other + begin, column + begin, scale, stride - begin);
        }
    }
}

/// T of the compact form: H_1 ... H_n = I - V T V^T, T upper triangular.
HEADLIGHT_INLINE void compact_triangle(const double* v, int count, int stride, int begin, const double* tau,
                                       double (&t)[kPanel][kPanel]) {
    for (int j = 0; j < count; ++j) {
        double products[kPanel];
        for (int i = 0; i < j; ++i) {
            products[i] = dot(v + static_cast<long>(i) * stride + begin,
                              v + static_cast<long>(j) * stride + begin, stride - begin);
        }
        for (int i = 0; i < j; ++i) {
            double sum = 0;
            for (int k = i; k < j; ++k)
                sum += t[i][k] * products[k];
            t[i][j] = -tau[j] * sum;
        }
        t[j][j] = tau[j];
    }
}

/// Two columns C -= V T^T (V^T C), for a full panel.
HEADLIGHT_INLINE void apply_panel(const double* v, double* c, int stride, int begin,
                                  const double (&t)[kPanel][kPanel]) {
    double w[kPanel][2], scaled[kPanel][2];
    dots_4x2(v, c, stride, begin, w[0], 2);
    for (int j = 0; j < kPanel; ++j) {
        scaled[j][0] = scaled[j][1] = 0;
        for (int i = 0; i <= j; ++i) {
            scaled[j][0] += t[i][j] * w[i][0];
            scaled[j][1] += t[i][j] * w[i][1];
        }
    }
    update_4x2(v, c, stride, begin, scaled[0], 2);
}

HEADLIGHT_INLINE void householder_r_body(double* a, int num_cols, int stride, double* r, int r_stride) {
    for (int first = 0; first < num_cols; first += kPanel) {
        const int count = std::min(kPanel, num_cols - first), next = first + count;
        double tau[kPanel], t[kPanel][kPanel] = {};
        factor_panel(a, first, count, stride, r, r_stride, tau);
        if (next == num_cols) break;
        double* v = a + static_cast<long>(first) * stride;
        const int begin = first / kLane * kLane;
        compact_triangle(v, count, stride, begin, tau, t);
        int c = next;
        for (; c + 2 <= num_cols; c += 2)
            apply_panel(v, a + static_cast<long>(c) * stride, stride, begin, t);
        if (c < num_cols) {  // the odd last column: one reflector after the other
            double* column = a + static_cast<long>(c) * stride;
            for (int k = 0; k < count; ++k) {
                const double* reflector = v + static_cast<long>(k) * stride;
                const double scale = tau[k] * dot(reflector + begin, column + begin, stride - begin);
                subtract_scaled(column + begin, reflector + begin, scale, stride - begin);
            }
        }
        for (int column = next; column < num_cols; ++column) {
            for (int i = first; i < next; ++i) {
                r[static_cast<long>(i) * r_stride + column] = a[static_cast<long>(column) * stride + i];
            }
        }
    }
}

/// out column j, entry i = a_i . b_j over whole columns.
HEADLIGHT_INLINE void multiply_transposed_body(const double* a, const double* b, int num_cols, int stride,
                                               double* out, int out_stride) {
    int j = 0;
    for (; j + 2 <= num_cols; j += 2) {
        const double* b_pair = b + static_cast<long>(j) * stride;
        double* out_pair = out + static_cast<long>(j) * out_stride;
        int i = 0;
        for (; i + 4 <= num_cols; i += 4) {
            double w[4][2];
            dots_4x2(a + static_cast<long>(i) * stride, b_pair, stride, 0, w[0], 2);
            for (int k = 0; k < 4; ++k) {
                out_pair[i + k] = w[k][0];
                out_pair[out_stride + i + k] = w[k][1];
            }
        }
        for (; i < num_cols; ++i) {
            out_pair[i] = dot(a + static_cast<long>(i) * stride, b_pair, stride);
            out_pair[out_stride + i] = dot(a + static_cast<long>(i) * stride, b_pair + stride, stride);
        }
    }
    if (j < num_cols) {
        for (int i = 0; i < num_cols; ++i) {
            out[static_cast<long>(j) * out_stride + i] =
                dot(a + static_cast<long>(i) * stride, b + static_cast<long>(j) * stride, stride);
        }
    }
}

/// Zeroes row `j` right of its first off-diagonal entry by a reflection of the columns right of j. Returns
/// the entry that stays. `u` and `sums` are scratch of `stride`.
HEADLIGHT_INLINE double reflect_columns(double* a, int j, int num_cols, int stride, double* u, double* sums) {
    for (int c = j + 1; c < num_cols; ++c)
        u[c] = a[static_cast<long>(c) * stride + j];
    for (int c = num_cols; c < stride; ++c)
        u[c] = 0;
    double superdiagonal = 0;
    const double tau = make_reflector(u, j + 1, stride, superdiagonal);
    if (tau == 0) return superdiagonal;
    const int begin = (j + 1) / kLane * kLane;
    std::memset(sums + begin, 0, static_cast<std::size_t>(stride - begin) * sizeof(double));
    for (int c = j + 1; c < num_cols; ++c) {
        subtract_scaled(sums + begin, a + static_cast<long>(c) * stride + begin, -tau * u[c], stride - begin);
    }
    for (int c = j + 1; c < num_cols; ++c) {
        subtract_scaled(a + static_cast<long>(c) * stride + begin, sums + begin, u[c], stride - begin);
    }
    return superdiagonal;
}

HEADLIGHT_INLINE void bidiagonalize_body(double* a, int num_cols, int stride, double* diagonal,
                                         double* superdiagonal, double* scratch) {
    for (int j = 0; j < num_cols; ++j) {
        double* column = a + static_cast<long>(j) * stride;
        const double tau = make_reflector(column, j, stride, diagonal[j]);
        const int begin = j / kLane * kLane;
        for (int c = j + 1; tau != 0 && c < num_cols; ++c) {
            double* other = a + static_cast<long>(c) * stride;
            subtract_scaled(other + begin, column + begin,
                            tau * dot(column + begin, other + begin, stride - begin), stride - begin);
        }
        if (j + 1 < num_cols) {
            superdiagonal[j] = reflect_columns(a, j, num_cols, stride, scratch, scratch + stride);
        }
    }
}

#if defined(__x86_64__)
HEADLIGHT_AVX2 void householder_r_avx2(double* a, int num_cols, int stride, double* r, int r_stride) {
    householder_r_body(a, num_cols, stride, r, r_stride);
}
HEADLIGHT_AVX2 void multiply_transposed_avx2(const double* a, const double* b, int num_cols, int stride,
                                             double* out, int out_stride) {
    multiply_transposed_body(a, b, num_cols, stride, out, out_stride);
}
HEADLIGHT_AVX2 void bidiagonalize_avx2(double* a, int num_cols, int stride, double* diagonal,
                                       double* superdiagonal, double* scratch) {
    bidiagonalize_body(a, num_cols, stride, diagonal, superdiagonal, scratch);
}
#endif

}  // namespace

void householder_r(double* a, int num_cols, int stride, double* r, int r_stride) {
#if defined(__x86_64__)
    if (has_avx2()) return householder_r_avx2(a, num_cols, stride, r, r_stride);
#endif
    householder_r_body(a, num_cols, stride, r, r_stride);
}

void multiply_transposed(const double* a, const double* b, int num_cols, int stride, double* out,
                         int out_stride) {
#if defined(__x86_64__)
    if (has_avx2()) return multiply_transposed_avx2(a, b, num_cols, stride, out, out_stride);
#endif
    multiply_transposed_body(a, b, num_cols, stride, out, out_stride);
}

void bidiagonalize(double* a, int num_cols, int stride, double* diagonal, double* superdiagonal,
                   double* scratch) {
#if defined(__x86_64__)
    if (has_avx2()) return bidiagonalize_avx2(a, num_cols, stride, diagonal, superdiagonal, scratch);
#endif
    bidiagonalize_body(a, num_cols, stride, diagonal, superdiagonal, scratch);
}

}  // namespace headlight::kernels
