// The loops of eigenvalues: reduction to Hessenberg form and the chase of a bulge down its diagonal.
#include "analysis/linear_algebra/spectrum_lanes.h"

namespace headlight::kernels {
namespace {

/// A <- H A H for the reflection H = I - tau v v^T; v is zero above `first`. `sums` is scratch of `stride`.
HEADLIGHT_INLINE void reflect_both_sides(double* a, int num_cols, int stride, const double* v, double tau,
                                         int first, double* sums) {
    const int begin = first / kLane * kLane;
    for (int c = first - 1; c < num_cols; ++c) {
        double* column = a + static_cast<long>(c) * stride;
        subtract_scaled(column + begin, v + begin, tau * dot(v + begin, column + begin, stride - begin),
                        stride - begin);
    }
    std::memset(sums, 0, static_cast<std::size_t>(stride) * sizeof(double));
    for (int c = first; c < num_cols; ++c)
        subtract_scaled(sums, a + static_cast<long>(c) * stride, -tau * v[c], stride);
    for (int c = first; c < num_cols; ++c)
        subtract_scaled(a + static_cast<long>(c) * stride, sums, v[c], stride);
}

HEADLIGHT_INLINE void hessenberg_body(double* a, int num_cols, int stride, double* scratch) {
    double *v = scratch, *sums = scratch + stride;
    for (int j = 0; j + 2 < num_cols; ++j) {
        double* column = a + static_cast<long>(j) * stride;
        std::memcpy(v, column, static_cast<std::size_t>(stride) * sizeof(double));
        double below = 0;
        const double tau = make_reflector(v, j + 1, stride, below);
        if (tau != 0) reflect_both_sides(a, num_cols, stride, v, tau, j + 1, sums);
        for (int i = j + 2; i < num_cols; ++i)
            column[i] = 0;
    }
}

/// Reflection of three values that zeroes the last two: H = I - t (1, v, w)(1, v, w)^T.
struct SmallReflection {
    double t = 0, v = 0, w = 0, length = 0;
    HEADLIGHT_INLINE SmallReflection(double x, double y, double z) {
        const double norm = std::sqrt(x * x + y * y + z * z);
        if (norm == 0) return;
        length = x > 0 ? -norm : norm;
        const double head = x - length;
        v = y / head;
        w = z / head;
        t = -head / length;
    }
};

/// Rows k, k + 1, k + 2 of columns [first, last].
HEADLIGHT_INLINE void reflect_rows(double* h, int stride, int k, int first, int last,
                                   const SmallReflection& r) {
    const double tv = r.t * r.v, tw = r.t * r.w;
    for (int c = first; c <= last; ++c) {
        double* x = h + static_cast<long>(c) * stride + k;
        const double sum = x[0] + r.v * x[1] + r.w * x[2];
        x[0] -= r.t * sum;
        x[1] -= tv * sum;
        x[2] -= tw * sum;
    }
}

/// Columns k, k + 1, k + 2 of rows [first, last].
HEADLIGHT_INLINE void reflect_three_columns(double* h, int stride, int k, int first, int last,
                                            const SmallReflection& r) {
    double *a = h + static_cast<long>(k) * stride, *b = a + stride, *c = b + stride;
    const double tv = r.t * r.v, tw = r.t * r.w;
    int i = first;
    for (; i + kLane <= last + 1; i += kLane) {
        const Vec sum = load(a + i) + r.v * load(b + i) + r.w * load(c + i);
        at(a + i) -= r.t * sum;
        at(b + i) -= tv * sum;
        at(c + i) -= tw * sum;
    }
    for (; i <= last; ++i) {
        const double sum = a[i] + r.v * b[i] + r.w * c[i];
        a[i] -= r.t * sum;
        b[i] -= tv * sum;
        c[i] -= tw * sum;
    }
}

HEADLIGHT_INLINE void reflect_two_rows(double* column, int k, const SmallReflection& r) {
    const double sum = r.t * (column[k] + r.v * column[k + 1]);
    column[k] -= sum;
    column[k + 1] -= r.v * sum;
}

/// Rows and columns k, k + 1 at the end of the chase.
HEADLIGHT_INLINE void finish_chase(double* h, int stride, int lo, int k, double x, double y) {
    const SmallReflection r(x, y, 0);
    if (r.length == 0) return;
    double *a = h + static_cast<long>(k) * stride, *b = a + stride;
    h[static_cast<long>(k - 1) * stride + k] = r.length;
    h[static_cast<long>(k - 1) * stride + k + 1] = 0;
    reflect_two_rows(a, k, r);
    reflect_two_rows(b, k, r);
    for (int i = lo; i <= k + 1; ++i) {
        const double sum = r.t * (a[i] + r.v * b[i]);
        a[i] -= sum;
        b[i] -= r.v * sum;
    }
}

// Only eigenvalues are wanted, so nothing outside rows and columns [lo, hi] is touched.
HEADLIGHT_INLINE void francis_sweep_body(double* h, int stride, int lo, int hi, Bulge bulge) {
    for (int k = lo; k + 2 <= hi; ++k) {
        double* before = h + static_cast<long>(k - 1) * stride;
        const SmallReflection r(bulge.x, bulge.y, bulge.z);
        if (r.length != 0) {
            if (k > lo) {
                before[k] = r.length;
                before[k + 1] = before[k + 2] = 0;
            }
            reflect_rows(h, stride, k, k, hi, r);
            reflect_three_columns(h, stride, k, lo, k + 3 < hi ? k + 3 : hi, r);
        }
        const double* column = h + static_cast<long>(k) * stride;
        bulge.x = column[k + 1];
        bulge.y = column[k + 2];
        bulge.z = k + 3 <= hi ? column[k + 3] : 0;
    }
    finish_chase(h, stride, lo, hi - 1, bulge.x, bulge.y);
}

#if defined(__x86_64__)
HEADLIGHT_AVX2 void hessenberg_avx2(double* a, int num_cols, int stride, double* scratch) {
    hessenberg_body(a, num_cols, stride, scratch);
}
HEADLIGHT_AVX2 void francis_sweep_avx2(double* h, int stride, int lo, int hi, const Bulge& bulge) {
    francis_sweep_body(h, stride, lo, hi, bulge);
}
#endif

}  // namespace

void hessenberg(double* a, int num_cols, int stride, double* scratch) {
#if defined(__x86_64__)
    if (has_avx2()) return hessenberg_avx2(a, num_cols, stride, scratch);
#endif
    hessenberg_body(a, num_cols, stride, scratch);
}

void francis_sweep(double* h, int stride, int lo, int hi, const Bulge& bulge) {
#if defined(__x86_64__)
    if (has_avx2()) return francis_sweep_avx2(h, stride, lo, hi, bulge);
#endif
    francis_sweep_body(h, stride, lo, hi, bulge);
}

}  // namespace headlight::kernels
