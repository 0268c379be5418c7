// Vectors of AVX-512 for the loops; included only by files that are compiled for it.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace headlight {
namespace {

struct Avx512 {
    using Vec = __m512;
    static constexpr int kWidth = 16;
    static constexpr int kRows = 8;  // 8 x 2 sums and 2 of b; the factor is a broadcast operand
    static constexpr int kTallRows = 12;
    static constexpr int kPanels = 2;

    static Vec set(float x) { return _mm512_set1_ps(x); }
    static Vec load(const float* p) { return _mm512_loadu_ps(p); }
    static void store(float* p, Vec x) { _mm512_storeu_ps(p, x); }
    static Vec iota() { return _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15); }
    static Vec add(Vec a, Vec b) { return _mm512_add_ps(a, b); }
    static Vec sub(Vec a, Vec b) { return _mm512_sub_ps(a, b); }
    static Vec mul(Vec a, Vec b) { return _mm512_mul_ps(a, b); }
    static Vec fma(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }
    static Vec max(Vec a, Vec b) { return _mm512_maskz_max_ps(0xffff, a, b); }
    static Vec greater(Vec a, Vec b) {  // true for NaN, which then shows
        const __mmask16 mask = _mm512_cmp_ps_mask(a, b, _CMP_NLE_UQ);
        return _mm512_castsi512_ps(_mm512_maskz_set1_epi32(mask, -1));
    }
    static Vec keep(Vec mask, Vec a) {
        return _mm512_castsi512_ps(_mm512_and_epi32(_mm512_castps_si512(mask), _mm512_castps_si512(a)));
    }
    static Vec round(Vec a) {
        return _mm512_maskz_roundscale_ps(0xffff, a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    }
    static Vec scale_by_power(Vec a, Vec n) {
        const __m512i whole = _mm512_maskz_cvtps_epi32(0xffff, n);
        const __m512i exponent = _mm512_maskz_slli_epi32(0xffff, whole, 23);
        return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(a), exponent));
    }
    static float total(Vec a) {
        alignas(64) float lanes[kWidth];
        _mm512_store_ps(lanes, a);
        for (int half = kWidth / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; ++i)
                lanes[i] += lanes[i + half];
        }
        return lanes[0];
    }
    /// out[i] = total of the i-th of four.
    static void four_totals(Vec a, Vec b, Vec c, Vec d, float* out) {
        const auto half = [](Vec x) {
            const __m512d doubles = _mm512_castps_pd(x);
            return _mm256_add_ps(_mm512_castps512_ps256(x),
                                 _mm256_castpd_ps(_mm512_maskz_extractf64x4_pd(0xff, doubles, 1)));
        };
        const __m256 sums =
            _mm256_hadd_ps(_mm256_hadd_ps(half(a), half(b)), _mm256_hadd_ps(half(c), half(d)));
        _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(sums), _mm256_extractf128_ps(sums, 1)));
    }
    static float largest(Vec a) {
        alignas(64) float lanes[kWidth];
        _mm512_store_ps(lanes, a);
        for (int half = kWidth / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; ++i)
                lanes[i] = lanes[i] > lanes[i + half] ? lanes[i] : lanes[i + half];
        }
        return lanes[0];
    }
    static int first_equal(Vec a, Vec b) {
        const __mmask16 mask = _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ);
        return mask == 0 ? -1 : __builtin_ctz(static_cast<unsigned>(mask));
    }
};

}  // namespace
}  // namespace headlight
