#include "analysis/linear_algebra/row_products.h"

#include <algorithm>

#include "analysis/linear_algebra/spectrum_lanes.h"

namespace headlight::kernels {
namespace {

/// Three rows of a and four of b: twelve sums, which with three values of a and one of b fill the sixteen
/// registers.
constexpr int kRowsA = 3, kRowsB = 4;

/// num_a <= 3 and num_b <= 4 rows; the constants of the full block let the compiler keep the sums in
/// registers.
template <int kNumA, int kNumB>
HEADLIGHT_INLINE void add_block(const double* a, long a_stride, const double* b, long b_stride, int length,
                                double* out, long out_stride) {
    Vec sum[kNumA][kNumB] = {};
    for (int i = 0; i < length; i += kLane) {
        Vec left[kNumA];
#pragma GCC unroll 3
        for (int m = 0; m < kNumA; ++m)
            left[m] = load(a + m * a_stride + i);
#pragma GCC unroll 4
        for (int n = 0; n < kNumB; ++n) {
            const Vec right = load(b + n * b_stride + i);
#pragma GCC unroll 3
            for (int m = 0; m < kNumA; ++m)
                sum[m][n] += left[m] * right;
        }
    }
    for (int m = 0; m < kNumA; ++m) {
        for (int n = 0; n < kNumB; ++n)
            out[m * out_stride + n] += lanes_sum(sum[m][n]);
    }
}

template <int kNumA>
HEADLIGHT_INLINE void add_rows(const double* a, long a_stride, const double* b, int b_rows, long b_stride,
                               int length, double* out, long out_stride) {
    int n = 0;
    for (; n + kRowsB <= b_rows; n += kRowsB)
        add_block<kNumA, kRowsB>(a, a_stride, b + n * b_stride, b_stride, length, out + n, out_stride);
    for (; n < b_rows; ++n)
        add_block<kNumA, 1>(a, a_stride, b + n * b_stride, b_stride, length, out + n, out_stride);
}

HEADLIGHT_INLINE void add_row_products_body(const double* a, int a_rows, long a_stride, const double* b,
                                            int b_rows, long b_stride, int length, double* out,
                                            long out_stride) {
    int m = 0;
    for (; m + kRowsA <= a_rows; m += kRowsA)
        add_rows<kRowsA>(a + m * a_stride, a_stride, b, b_rows, b_stride, length, out + m * out_stride,
                         out_stride);
    for (; m < a_rows; ++m)
        add_rows<1>(a + m * a_stride, a_stride, b, b_rows, b_stride, length, out + m * out_stride,
                    out_stride);
}

#if defined(__x86_64__)
HEADLIGHT_AVX2 void add_row_products_avx2(const double* a, int a_rows, long a_stride, const double* b,
                                          int b_rows, long b_stride, int length, double* out,
                                          long out_stride) {
    add_row_products_body(a, a_rows, a_stride, b, b_rows, b_stride, length, out, out_stride);
}
#endif

}  // namespace

void add_row_products(const double* a, int a_rows, long a_stride, const double* b, int b_rows, long b_stride,
                      int length, double* out, long out_stride) {
#if defined(__x86_64__)
    if (has_avx2())
        return add_row_products_avx2(a, a_rows, a_stride, b, b_rows, b_stride, length, out, out_stride);
#endif
    add_row_products_body(a, a_rows, a_stride, b, b_rows, b_stride, length, out, out_stride);
}

}  // namespace headlight::kernels
