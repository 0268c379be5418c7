// For any processor: the compiler's own vectors of four.
#include "model/kernel_loops.h"

namespace headlight {
namespace {

struct Portable {
    typedef float Vec __attribute__((vector_size(16)));
    typedef std::int32_t Int __attribute__((vector_size(16)));
    static constexpr int kWidth = 4;
    static constexpr int kRows = 2;
    static constexpr int kPanels = 1;

    static Vec set(float x) { return Vec{x, x, x, x}; }
    static Vec load(const float* p) {
        Vec x;
        __builtin_memcpy(&x, p, sizeof x);
        return x;
    }
    static void store(float* p, Vec x) { __builtin_memcpy(p, &x, sizeof x); }
    static Vec iota() { return Vec{0, 1, 2, 3}; }
    static Vec add(Vec a, Vec b) { return a + b; }
    static Vec sub(Vec a, Vec b) { return a - b; }
    static Vec mul(Vec a, Vec b) { return a * b; }
    static Vec fma(Vec a, Vec b, Vec c) { return a * b + c; }
    static Vec max(Vec a, Vec b) { return a > b ? a : b; }
    static Vec greater(Vec a, Vec b) { return as_float(~(a <= b)); }  // true for NaN, which then shows
    static Vec keep(Vec mask, Vec a) { return as_float(as_int(mask) & as_int(a)); }
    // Adding and taking away 1.5 * 2^23 leaves the nearest whole number.
    static Vec round(Vec a) { return (a + set(12582912.0f)) - set(12582912.0f); }
    static Vec scale_by_power(Vec a, Vec n) { return as_float(as_int(a) + (__builtin_convertvector(n, Int) << 23)); }
    static float total(Vec a) { return (a[0] + a[2]) + (a[1] + a[3]); }
    static float largest(Vec a) {
        float best = a[0];
        for (int i = 1; i < kWidth; ++i) best = a[i] > best ? a[i] : best;
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

extern const KernelIsa k_isa_portable;
const KernelIsa k_isa_portable = make_isa<Portable>("portable");

}  // namespace headlight
