// Vectors of AVX2 for the loops; included only by files that are compiled for it.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace headlight {
namespace {

struct Avx2 {
    using Vec = __m256;
    static constexpr int kWidth = 8;
    static constexpr int kRows = 6;  // 6 x 2 sums, 2 of b and 1 factor fill the 16 registers
    static constexpr int kTallRows = kRows;
    static constexpr int kPanels = 1;

    static Vec set(float x) { return _mm256_set1_ps(x); }
    static Vec load(const float* p) { return _mm256_loadu_ps(p); }
    static void store(float* p, Vec x) { _mm256_storeu_ps(p, x); }
    static Vec iota() { return _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7); }
    static Vec add(Vec a, Vec b) { return _mm256_add_ps(a, b); }
    static Vec sub(Vec a, Vec b) { return _mm256_sub_ps(a, b); }
    static Vec mul(Vec a, Vec b) { return _mm256_mul_ps(a, b); }
    static Vec fma(Vec a, Vec b, Vec c) { return _mm256_fmadd_ps(a, b, c); }
    static Vec max(Vec a, Vec b) { return _mm256_max_ps(a, b); }
    static Vec greater(Vec a, Vec b) {
        return _mm256_cmp_ps(a, b, _CMP_NLE_UQ);
    }  // true for NaN, which then shows
    static Vec keep(Vec mask, Vec a) { return _mm256_and_ps(mask, a); }
    static Vec round(Vec a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
    static Vec scale_by_power(Vec a, Vec n) {
        const __m256i exponent = _mm256_slli_epi32(_mm256_cvtps_epi32(n), 23);
        return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a), exponent));
    }
    static float total(Vec a) {
        __m128 x = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
        x = _mm_add_ps(x, _mm_movehl_ps(x, x));
        return _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)));
    }
    /// out[i] = total of the i-th of four.
    static void four_totals(Vec a, Vec b, Vec c, Vec d, float* out) {
        const __m256 sums = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
        _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(sums), _mm256_extractf128_ps(sums, 1)));
    }
    static float largest(Vec a) {
        __m128 x = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
        x = _mm_max_ps(x, _mm_movehl_ps(x, x));
        return _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)));
    }
    static int first_equal(Vec a, Vec b) {
        const int mask = _mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_EQ_OQ));
        return mask == 0 ? -1 : __builtin_ctz(static_cast<unsigned>(mask));
    }
};

}  // namespace
}  // namespace headlight
