// Vectors of four doubles and the few steps on whole columns that the kernels share. For kernel files only:
// the functions are inlined into callers that are compiled for AVX2 and for any x86-64.
#pragma once

#include <cmath>
#include <cstring>

#include "analysis/linear_algebra/spectrum_kernels.h"

namespace headlight::kernels {

#define HEADLIGHT_INLINE __attribute__((always_inline)) inline

using Vec = double __attribute__((vector_size(32), aligned(8), may_alias));

HEADLIGHT_INLINE double lanes_sum(const Vec& v) {
    return (v[0] + v[2]) + (v[1] + v[3]);
}
HEADLIGHT_INLINE const Vec& load(const double* p) {
    return *reinterpret_cast<const Vec*>(p);
}
HEADLIGHT_INLINE Vec& at(double* p) {
    return *reinterpret_cast<Vec*>(p);
}

HEADLIGHT_INLINE double dot(const double* x, const double* y, int size) {
    Vec even = {}, odd = {};
    int i = 0;
    for (; i + 8 <= size; i += 8) {
        even += load(x + i) * load(y + i);
        odd += load(x + i + 4) * load(y + i + 4);
    }
    if (i < size) even += load(x + i) * load(y + i);
    even += odd;
    return lanes_sum(even);
}

HEADLIGHT_INLINE void subtract_scaled(double* y, const double* x, double factor, int size) {
    for (int i = 0; i < size; i += kLane)
        at(y + i) -= factor * load(x + i);
}

/// w[v][c] = V_v . C_c for four vectors and two columns.
HEADLIGHT_INLINE void dots_4x2(const double* v, const double* c, int stride, int begin, double* w,
                               int w_stride) {
    Vec sum[4][2] = {};
    for (int i = begin; i < stride; i += kLane) {
        const Vec c0 = load(c + i), c1 = load(c + stride + i);
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k) {
            const Vec x = load(v + k * stride + i);
            sum[k][0] += x * c0;
            sum[k][1] += x * c1;
        }
    }
    for (int k = 0; k < 4; ++k) {
        w[k * w_stride] = lanes_sum(sum[k][0]);
        w[k * w_stride + 1] = lanes_sum(sum[k][1]);
    }
}

/// C_c -= sum over four v of V_v w[v][c], two columns.
HEADLIGHT_INLINE void update_4x2(const double* v, double* c, int stride, int begin, const double* w,
                                 int w_stride) {
    for (int i = begin; i < stride; i += kLane) {
        Vec c0 = load(c + i), c1 = load(c + stride + i);
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k) {
            const Vec x = load(v + k * stride + i);
            c0 -= x * w[k * w_stride];
            c1 -= x * w[k * w_stride + 1];
        }
        at(c + i) = c0;
        at(c + stride + i) = c1;
    }
}

/// Turns column x into its reflector v (H = I - tau v v^T zeroes x below `row`): zero above `row`. Returns
/// tau and sets `diagonal` to the value that stays at `row`.
HEADLIGHT_INLINE double make_reflector(double* x, int row, int stride, double& diagonal) {
    std::memset(x, 0, static_cast<std::size_t>(row) * sizeof(double));
    const int begin = row / kLane * kLane;
    const double norm = std::sqrt(dot(x + begin, x + begin, stride - begin));
    if (norm == 0) {
        diagonal = 0;
        return 0;
    }
    diagonal = x[row] > 0 ? -norm : norm;
    const double head = x[row] - diagonal;
    x[row] = head;
    return -1.0 / (diagonal * head);  // 2 / v.v, since v.v = -2 diagonal head
}

#if defined(__x86_64__)
#define HEADLIGHT_AVX2 __attribute__((target("avx2,fma")))
inline bool has_avx2() {
    static const bool is_supported =
        __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
    return is_supported;
}
#endif

}  // namespace headlight::kernels
