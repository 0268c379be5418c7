#include "analysis/patterns/entropy_kernel.h"

#include <cstdint>
#include <cstring>

namespace headlight::kernels {
namespace {

constexpr int kLanes = 8;
using Floats = float __attribute__((vector_size(32), aligned(4), may_alias));
using Ints = std::int32_t __attribute__((vector_size(32)));

#define HEADLIGHT_ALWAYS __attribute__((always_inline)) inline

/// ln m for normal positive m: m = 2^e f with f in [sqrt(1/2), sqrt(2)), ln f from the series of the inverse
/// hyperbolic tangent at (f - 1) / (f + 1), whose size is below 0.1716.
HEADLIGHT_ALWAYS void add_entropy(const Floats& m, Floats& sum) {
    constexpr std::int32_t kHalfRoot = 0x3f3504f3;  // bits of sqrt(1/2)
    Ints bits;
    std::memcpy(&bits, &m, sizeof(bits));
    const Ints exponent = (bits - kHalfRoot) >> 23;
    const Ints mantissa = bits - (exponent << 23);
    Floats f;
    std::memcpy(&f, &mantissa, sizeof(f));
    const Floats s = (f - 1.0f) / (f + 1.0f), s2 = s * s;
    const Floats series = 2.0f + s2 * (0.6666667f + s2 * (0.4f + s2 * (0.2857143f + s2 * 0.2222222f)));
    const Floats log = __builtin_convertvector(exponent, Floats) * 0.69314718f + s * series;
    // Below 1e-30, 0 among them, m ln m is nothing.
    const Ints counts = m > 1e-30f;
    const Floats term = m * log;
    Ints kept;
    std::memcpy(&kept, &term, sizeof(kept));
    kept &= counts;
    Floats value;
    std::memcpy(&value, &kept, sizeof(value));
    sum -= value;
}

HEADLIGHT_ALWAYS double total(const Floats& sum) {
    double out = 0;
    for (int i = 0; i < kLanes; ++i)
        out += static_cast<double>(sum[i]);
    return out;
}

HEADLIGHT_ALWAYS double mixed_entropy_body(const float* a, const float* b, int size) {
    constexpr int kBlock = 8;  // steps whose sum stays in float
    double out = 0;
    int i = 0;
    while (i + kLanes <= size) {
        Floats sum = {};
        for (int step = 0; step < kBlock && i + kLanes <= size; ++step, i += kLanes) {
            const Floats m =
                0.5f * (*reinterpret_cast<const Floats*>(a + i) + *reinterpret_cast<const Floats*>(b + i));
            add_entropy(m, sum);
        }
        out += total(sum);
    }
    if (i < size) {
        Floats m = {}, sum = {};
        for (int lane = 0; i + lane < size; ++lane)
            m[lane] = 0.5f * (a[i + lane] + b[i + lane]);
        add_entropy(m, sum);
        out += total(sum);
    }
    return out;
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) double mixed_entropy_avx2(const float* a, const float* b, int size) {
    return mixed_entropy_body(a, b, size);
}
#endif

}  // namespace

double mixed_entropy(const float* a, const float* b, int size) {
#if defined(__x86_64__)
    static const bool is_fast = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
    if (is_fast) return mixed_entropy_avx2(a, b, size);
#endif
    return mixed_entropy_body(a, b, size);
}

}  // namespace headlight::kernels
