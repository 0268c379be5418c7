// The compiler's own vectors for the loops, for any processor.
#pragma once

#include <cstdint>

namespace headlight {
namespace {

struct FourLanes {
    typedef float Vec __attribute__((vector_size(16)));
    typedef std::int32_t Int __attribute__((vector_size(16)));
};
struct SixteenLanes {
    typedef float Vec __attribute__((vector_size(64)));
    typedef std::int32_t Int __attribute__((vector_size(64)));
};

template <class Lanes, int Rows, int Panels>
struct Portable {
    using Vec = typename Lanes::Vec;
    using Int = typename Lanes::Int;
    static constexpr int kWidth = sizeof(Vec) / sizeof(float);
    static constexpr int kRows = Rows;
    static constexpr int kTallRows = Rows;
    static constexpr int kPanels = Panels;

    static Vec set(float x) { return Vec{} + x; }
    static Vec load(const float* p) {
        Vec x;
        __builtin_memcpy(&x, p, sizeof x);
        return x;
    }
    static void store(float* p, Vec x) { __builtin_memcpy(p, &x, sizeof x); }
    static Vec iota() {
        Vec x;
        for (int i = 0; i < kWidth; ++i)
            x[i] = static_cast<float>(i);
        return x;
    }
    static Vec add(Vec a, Vec b) { return a + b; }
    static Vec sub(Vec a, Vec b) { return a - b; }
    static Vec mul(Vec a, Vec b) { return a * b; }
    static Vec fma(Vec a, Vec b, Vec c) { return a * b + c; }
    static Vec max(Vec a, Vec b) { return a > b ? a : b; }
    static Vec greater(Vec a, Vec b) { return as_float(~(a <= b)); }  // true for NaN, which then shows
    static Vec keep(Vec mask, Vec a) { return as_float(as_int(mask) & as_int(a)); }
    // Adding and taking away 1.5 * 2^23 leaves the nearest whole number.
    static Vec round(Vec a) { return (a + set(12582912.0f)) - set(12582912.0f); }
    static Vec scale_by_power(Vec a, Vec n) {
        return as_float(as_int(a) + (__builtin_convertvector(n, Int) << 23));
    }
    static float total(Vec a) {
        for (int half = kWidth / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; ++i)
                a[i] += a[i + half];
        }
        return a[0];
    }
    static float largest(Vec a) {
        float best = a[0];
        for (int i = 1; i < kWidth; ++i)
            best = a[i] > best ? a[i] : best;
        return best;
    }
    static int first_equal(Vec a, Vec b) {
        for (int i = 0; i < kWidth; ++i) {
            if (a[i] == b[i]) return i;
        }
        return -1;
    }

  private:
    static Int as_int(Vec a) {
        Int x;
        __builtin_memcpy(&x, &a, sizeof x);
        return x;
    }
    static Vec as_float(Int a) {
        Vec x;
        __builtin_memcpy(&x, &a, sizeof x);
        return x;
    }
};

}  // namespace
}  // namespace headlight
