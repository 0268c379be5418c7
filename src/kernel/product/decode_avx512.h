// Decoders of stored numbers (product_loops.h) in AVX-512. Numbers of few bits are looked up: the 16 values
// that a group's numbers can have are a table in one register, and vpermps, which ignores the bits of an
// index above its table, picks them; so each value is rounded as its definition says and no unpacking is
// needed. Layouts: io/checkpoint/quantized.cpp says them in words.
#pragma once

#include <immintrin.h>

#include "kernel/product/k_scales.h"
#include "kernel/product/product_loops.h"
#include "kernel/vectors_avx512.h"

namespace headlight {
namespace {
namespace avx512 {

using Bytes = const std::uint8_t*;
using Numbers = __m512;

HEADLIGHT_INLINED inline __m512 iota() {
    return Avx512::iota();
}
HEADLIGHT_INLINED inline __m512 half_at(Bytes p) {
    return _mm512_cvtph_ps(_mm256_set1_epi16(static_cast<short>(bits16(p))));
}
/// 16 bytes as whole numbers.
HEADLIGHT_INLINED inline __m512i unsigned_at(Bytes p) {
    return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}
HEADLIGHT_INLINED inline __m512i signed_at(Bytes p) {
    return _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}
HEADLIGHT_INLINED inline __m256i bytes32(Bytes p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}
HEADLIGHT_INLINED inline __m512 look_up(__m512i index, __m512 table) {
    return _mm512_permutexvar_ps(index, table);
}
/// scale * (0, 1, .., 15) - least: what a group's numbers can be.
HEADLIGHT_INLINED inline __m512 steps_of(__m512 from, float scale, float least) {
    return _mm512_fmsub_ps(from, _mm512_set1_ps(scale), _mm512_set1_ps(least));
}
/// 32 numbers: the low halves of 16 bytes, then the high ones.
template <class K>
HEADLIGHT_INLINED inline void halves(Bytes p, __m512 table, K&& k) {
    const __m512i bytes = unsigned_at(p);
    k(Index<0>{}, look_up(bytes, table));
    k(Index<1>{}, look_up(_mm512_srli_epi32(bytes, 4), table));
}
/// The same with fifth bits: those of the second table are set.
template <class K>
HEADLIGHT_INLINED inline void halves_and_fifths(Bytes p, std::uint32_t fifths, __m512 table, __m512 second,
                                                K&& k) {
    const __m512i low = unsigned_at(p), high = _mm512_srli_epi32(low, 4);
    k(Index<0>{},
      _mm512_mask_permutexvar_ps(look_up(low, table), static_cast<__mmask16>(fifths), low, second));
    k(Index<1>{},
      _mm512_mask_permutexvar_ps(look_up(high, table), static_cast<__mmask16>(fifths >> 16), high, second));
}

struct F32 {
    static constexpr int kStep = 64, kBytes = 256;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        for_each<4>([&](auto v) HEADLIGHT_INLINED { k(v, Numbers(_mm512_loadu_ps(p + 64 * v))); });
    }
};
struct Bf16 {
    static constexpr int kStep = 64, kBytes = 128;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        for_each<4>([&](auto v) HEADLIGHT_INLINED {
            k(v, _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bytes32(p + 32 * v)), 16)));
        });
    }
};
struct F16 {
    static constexpr int kStep = 64, kBytes = 128;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        for_each<4>([&](auto v) HEADLIGHT_INLINED { k(v, _mm512_cvtph_ps(bytes32(p + 32 * v))); });
    }
};
struct F8E5M2 {  // a half without its lower byte
    static constexpr int kStep = 64, kBytes = 64;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        for_each<4>([&](auto v) HEADLIGHT_INLINED {
            const __m256i bytes =
                _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16 * v)));
            k(v, _mm512_cvtph_ps(_mm256_slli_epi16(bytes, 8)));
        });
    }
};
struct F8E4M3 {  // as a half 2^8 smaller; all ones is no number
    static constexpr int kStep = 64, kBytes = 64;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        for_each<4>([&](auto v) HEADLIGHT_INLINED {
            const __m256i bytes =
                _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16 * v)));
            const __m256i magnitude = _mm256_and_si256(bytes, _mm256_set1_epi16(0x7f));
            const __m256i sign = _mm256_slli_epi16(_mm256_sub_epi16(bytes, magnitude), 8);
            const __mmask16 none = _mm256_cmpeq_epi16_mask(magnitude, _mm256_set1_epi16(0x7f));
            const __m256i half = _mm256_mask_blend_epi16(
                none, _mm256_or_si256(_mm256_slli_epi16(magnitude, 7), sign), _mm256_set1_epi16(0x7e00));
            k(v, _mm512_mul_ps(_mm512_cvtph_ps(half), _mm512_set1_ps(256.0f)));
        });
    }
};
struct Fp4 {  // two neighbours a byte
    static constexpr int kStep = 32, kBytes = 16;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        const __m512 table =
            _mm512_setr_ps(0, 0.5f, 1, 1.5f, 2, 3, 4, 6, -0.0f, -0.5f, -1, -1.5f, -2, -3, -4, -6);
        for_each<2>([&](auto v) HEADLIGHT_INLINED {
            const __m512i pairs =
                _mm512_cvtepu8_epi64(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p + 8 * v)));
            k(v, look_up(_mm512_or_si512(pairs, _mm512_slli_epi64(pairs, 28)), table));
        });
    }
};

struct Q8_0 {
    static constexpr int kStep = 32, kBytes = 34;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        const __m512 scale = half_at(p);
        for_each<2>([&](auto v) HEADLIGHT_INLINED {
            k(v, _mm512_mul_ps(_mm512_cvtepi32_ps(signed_at(p + 2 + 16 * v)), scale));
        });
    }
};
struct Q4_0 {
    static constexpr int kStep = 32, kBytes = 18;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        halves(p + 2, _mm512_mul_ps(_mm512_sub_ps(iota(), _mm512_set1_ps(8)), half_at(p)), k);
    }
};
struct Q4_1 {
    static constexpr int kStep = 32, kBytes = 20;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        halves(p + 4, _mm512_fmadd_ps(iota(), half_at(p), half_at(p + 2)), k);
    }
};
struct Iq4Nl {
    static constexpr int kStep = 32, kBytes = 18;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        const __m512 values =
            _mm512_setr_ps(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
        halves(p + 2, _mm512_mul_ps(values, half_at(p)), k);
    }
};
struct Mxfp4 {
    static constexpr int kStep = 32, kBytes = 17;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        const __m512 twice = _mm512_setr_ps(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);
        halves(p + 1, _mm512_mul_ps(twice, _mm512_set1_ps(half_of_power(p[0]))), k);
    }
};
struct Q5_0 {
    static constexpr int kStep = 32, kBytes = 22;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        const __m512 scale = half_at(p);
        halves_and_fifths(p + 6, bits32(p + 2),
                          _mm512_mul_ps(_mm512_sub_ps(iota(), _mm512_set1_ps(16)), scale),
                          _mm512_mul_ps(iota(), scale), k);
    }
};
struct Q5_1 {
    static constexpr int kStep = 32, kBytes = 24;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        const __m512 scale = half_at(p), least = half_at(p + 2);
        halves_and_fifths(p + 8, bits32(p + 4), _mm512_fmadd_ps(iota(), scale, least),
                          _mm512_fmadd_ps(_mm512_add_ps(iota(), _mm512_set1_ps(16)), scale, least), k);
    }
};

/// Scales and offsets of the eight groups of Q4_K and Q5_K, in memory, to be broadcast from there.
struct GroupsOf32 {
    alignas(32) float step[8];
    alignas(32) float least[8];

    HEADLIGHT_INLINED explicit GroupsOf32(Bytes p) {
        const SixBits bits(p + 4);
        store(bits.scales, p, step);
        store(bits.offsets, p + 2, least);
    }
    HEADLIGHT_INLINED static void store(std::uint64_t bytes, Bytes common, float* out) {
        const __m256i whole = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(static_cast<long long>(bytes)));
        const __m256 factor = _mm256_cvtph_ps(_mm_set1_epi16(static_cast<short>(bits16(common))));
        _mm256_store_ps(out, _mm256_mul_ps(_mm256_cvtepi32_ps(whole), factor));
    }
};
struct Q4K {
    static constexpr int kStep = 256, kBytes = 144;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        const GroupsOf32 groups(p);
        for_each<4>([&](auto pair) HEADLIGHT_INLINED {
            constexpr int q = decltype(pair)::value;
            const __m512 low = steps_of(iota(), groups.step[2 * q], groups.least[2 * q]);
            const __m512 high = steps_of(iota(), groups.step[2 * q + 1], groups.least[2 * q + 1]);
            const __m512i first = unsigned_at(p + 16 + 32 * q), second = unsigned_at(p + 32 + 32 * q);
            k(Index<4 * q>{}, look_up(first, low));
            k(Index<4 * q + 1>{}, look_up(second, low));
            k(Index<4 * q + 2>{}, look_up(_mm512_srli_epi32(first, 4), high));
            k(Index<4 * q + 3>{}, look_up(_mm512_srli_epi32(second, 4), high));
        });
    }
};
struct Q5K {
    static constexpr int kStep = 256, kBytes = 176;
    /// Lower four bits of `low`, bit `Bit` of `fifths` as the fifth; anything above.
    template <int Bit>
    HEADLIGHT_INLINED static __m512i joined(__m512i low, __m512i fifths) {
        const __m512i fifth = Bit > 4 ? _mm512_srli_epi32(fifths, Bit > 4 ? Bit - 4 : 0)
                                      : _mm512_slli_epi32(fifths, Bit > 4 ? 0 : 4 - Bit);
        return _mm512_ternarylogic_epi32(_mm512_set1_epi32(15), low, fifth, 0xca);  // where 15 is set: low
    }
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        const GroupsOf32 groups(p);
        const __m512 upper = _mm512_add_ps(iota(), _mm512_set1_ps(16));
        const __m512i fifths[2] = {unsigned_at(p + 16), unsigned_at(p + 32)};
        for_each<8>([&](auto group) HEADLIGHT_INLINED {
            constexpr int g = decltype(group)::value;
            const __m512 lower_table = steps_of(iota(), groups.step[g], groups.least[g]);
            const __m512 upper_table = steps_of(upper, groups.step[g], groups.least[g]);
            for_each<2>([&](auto v) HEADLIGHT_INLINED {
                const __m512i bytes = unsigned_at(p + 48 + g / 2 * 32 + 16 * v);
                const __m512i index =
                    joined<g>(g % 2 == 0 ? bytes : _mm512_srli_epi32(bytes, 4), fifths[decltype(v)::value]);
                k(Index<2 * g + decltype(v)::value>{},
                  _mm512_permutex2var_ps(lower_table, index, upper_table));
            });
        });
    }
};
struct Q6K {
    static constexpr int kStep = 256, kBytes = 210;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        alignas(64) float step[16];
        alignas(64) std::uint8_t numbers[256];
        _mm512_store_ps(step, _mm512_mul_ps(_mm512_cvtepi32_ps(signed_at(p + 192)), half_at(p + 208)));
        const __m512i low = _mm512_set1_epi8(15), top = _mm512_set1_epi8(0x30), zero = _mm512_set1_epi8(32);
        for_each<2>([&](auto h) HEADLIGHT_INLINED {
            const __m512i halves = _mm512_loadu_si512(p + 64 * h);
            const __m256i tops = bytes32(p + 128 + 32 * h);
            const __m512i first = _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_slli_epi16(tops, 4)),
                                                     _mm256_slli_epi16(tops, 2), 1);
            const __m512i second =
                _mm512_inserti64x4(_mm512_castsi256_si512(tops), _mm256_srli_epi16(tops, 2), 1);
            const auto join = [&](__m512i bits, __m512i tops_of) HEADLIGHT_INLINED {
                return _mm512_sub_epi8(
                    _mm512_or_si512(_mm512_and_si512(bits, low), _mm512_and_si512(tops_of, top)), zero);
            };
            _mm512_store_si512(numbers + 128 * h, join(halves, first));
            _mm512_store_si512(numbers + 128 * h + 64, join(_mm512_srli_epi16(halves, 4), second));
        });
        for_each<16>([&](auto v) HEADLIGHT_INLINED {
            k(v, _mm512_mul_ps(_mm512_cvtepi32_ps(signed_at(numbers + 16 * v)), _mm512_set1_ps(step[v])));
        });
    }
};
struct Q2K {
    static constexpr int kStep = 256, kBytes = 84;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        alignas(64) float step[16], least[16];
        const __m512i scales = unsigned_at(p);
        _mm512_store_ps(step,
                        _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_and_si512(scales, _mm512_set1_epi32(15))),
                                      half_at(p + 80)));
        _mm512_store_ps(least,
                        _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_srli_epi32(scales, 4)), half_at(p + 82)));
        const __m512 fours = _mm512_setr_ps(0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
        for_each<16>([&](auto group) HEADLIGHT_INLINED {
            constexpr int g = decltype(group)::value;
            const __m512i bytes = unsigned_at(p + 16 + g / 8 * 32 + g % 2 * 16);
            k(group, look_up(_mm512_srli_epi32(bytes, g % 8 / 2 * 2), steps_of(fours, step[g], least[g])));
        });
    }
};
struct Q3K {
    static constexpr int kStep = 256, kBytes = 110;
    /// Lower two bits of `low`, bit `Bit` of `thirds` as the third; anything above.
    template <int Bit>
    HEADLIGHT_INLINED static __m512i joined(__m512i low, __m512i thirds) {
        const __m512i third = Bit > 2 ? _mm512_srli_epi32(thirds, Bit > 2 ? Bit - 2 : 0)
                                      : _mm512_slli_epi32(thirds, Bit > 2 ? 0 : 2 - Bit);
        return _mm512_ternarylogic_epi32(_mm512_set1_epi32(3), low, third, 0xca);
    }
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        alignas(64) float step[16];
        alignas(16) std::uint8_t scales[16];
        q3_scales(p + 96, scales);
        const __m512i whole = _mm512_sub_epi32(unsigned_at(scales), _mm512_set1_epi32(32));
        _mm512_store_ps(step, _mm512_mul_ps(_mm512_cvtepi32_ps(whole), half_at(p + 108)));
        const __m512 eights = _mm512_setr_ps(-4, -3, -2, -1, 0, 1, 2, 3, -4, -3, -2, -1, 0, 1, 2, 3);
        const __m512i thirds[2] = {unsigned_at(p), unsigned_at(p + 16)};
        for_each<16>([&](auto group) HEADLIGHT_INLINED {
            constexpr int g = decltype(group)::value;
            const __m512i bytes = unsigned_at(p + 32 + g / 8 * 32 + g % 2 * 16);
            const __m512i index = joined<g / 2>(_mm512_srli_epi32(bytes, g % 8 / 2 * 2), thirds[g % 2]);
            k(group, look_up(index, _mm512_mul_ps(eights, _mm512_set1_ps(step[g]))));
        });
    }
};

}  // namespace avx512
}  // namespace
}  // namespace headlight
