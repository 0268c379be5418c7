// Decoders of stored numbers (product_loops.h) in AVX2. Layouts: io/checkpoint/quantized.cpp says them in
// words. Products of a scale and a number are exact, so that a fused sum rounds as the definition does.
#pragma once

#include <immintrin.h>

#include "kernel/product/k_scales.h"
#include "kernel/product/product_loops.h"
#include "kernel/vectors_avx2.h"

namespace headlight {
namespace {
namespace avx2 {

using Bytes = const std::uint8_t*;

HEADLIGHT_INLINED inline __m256 half_at(Bytes p) {
    return _mm256_cvtph_ps(_mm_set1_epi16(static_cast<short>(bits16(p))));
}
HEADLIGHT_INLINED inline __m128i bytes8(Bytes p) {
    return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
}
HEADLIGHT_INLINED inline __m128i bytes16(Bytes p) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}
HEADLIGHT_INLINED inline __m256i bytes32(Bytes p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}
/// Eight bytes as whole numbers.
HEADLIGHT_INLINED inline __m256i unsigned_at(Bytes p) {
    return _mm256_cvtepu8_epi32(bytes8(p));
}
HEADLIGHT_INLINED inline __m256i signed_at(Bytes p) {
    return _mm256_cvtepi8_epi32(bytes8(p));
}
HEADLIGHT_INLINED inline __m256 floats_of(__m256i whole) {
    return _mm256_cvtepi32_ps(whole);
}
HEADLIGHT_INLINED inline __m256i low_half(__m256i bytes) {
    return _mm256_and_si256(bytes, _mm256_set1_epi32(15));
}
HEADLIGHT_INLINED inline __m256i high_half(__m256i bytes) {
    return _mm256_srli_epi32(bytes, 4);
}
/// k of value(whole numbers) for 32 numbers: the low halves of 16 bytes, then the high ones.
template <class Value, class K>
HEADLIGHT_INLINED inline void halves(Bytes p, Value&& value, K&& k) {
    const __m256i first = unsigned_at(p), second = unsigned_at(p + 8);
    k(Index<0>{}, value(low_half(first)));
    k(Index<1>{}, value(low_half(second)));
    k(Index<2>{}, value(high_half(first)));
    k(Index<3>{}, value(high_half(second)));
}
/// 16 where bit `First` + i of `bits` is set, for lane i.
template <int First>
HEADLIGHT_INLINED inline __m256i fifth_of(std::uint32_t bits) {
    const __m256i lanes =
        _mm256_add_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32(First));
    const __m256i bit = _mm256_srlv_epi32(_mm256_set1_epi32(static_cast<int>(bits)), lanes);
    return _mm256_slli_epi32(_mm256_and_si256(bit, _mm256_set1_epi32(1)), 4);
}
template <class Value, class K>
HEADLIGHT_INLINED inline void halves_and_fifths(Bytes p, std::uint32_t fifths, Value&& value, K&& k) {
    const __m256i first = unsigned_at(p), second = unsigned_at(p + 8);
    k(Index<0>{}, value(_mm256_or_si256(low_half(first), fifth_of<0>(fifths))));
    k(Index<1>{}, value(_mm256_or_si256(low_half(second), fifth_of<8>(fifths))));
    k(Index<2>{}, value(_mm256_or_si256(high_half(first), fifth_of<16>(fifths))));
    k(Index<3>{}, value(_mm256_or_si256(high_half(second), fifth_of<24>(fifths))));
}
/// 32 numbers out of a table of 16 signed bytes, times `scale`.
template <class K>
HEADLIGHT_INLINED inline void halves_in_table(Bytes p, __m128i table, __m256 scale, K&& k) {
    const __m128i bytes = bytes16(p), mask = _mm_set1_epi8(15);
    const __m128i low = _mm_shuffle_epi8(table, _mm_and_si128(bytes, mask));
    const __m128i high = _mm_shuffle_epi8(table, _mm_and_si128(_mm_srli_epi16(bytes, 4), mask));
    const auto value = [&](__m128i eight) HEADLIGHT_INLINED {
        return _mm256_mul_ps(floats_of(_mm256_cvtepi8_epi32(eight)), scale);
    };
    k(Index<0>{}, value(low));
    k(Index<1>{}, value(_mm_unpackhi_epi64(low, low)));
    k(Index<2>{}, value(high));
    k(Index<3>{}, value(_mm_unpackhi_epi64(high, high)));
}

struct F32 {
    static constexpr int kStep = 32, kBytes = 128;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        for_each<4>([&](auto v) HEADLIGHT_INLINED { k(v, _mm256_castsi256_ps(bytes32(p + 32 * v))); });
    }
};
struct Bf16 {
    static constexpr int kStep = 32, kBytes = 64;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        for_each<4>([&](auto v) HEADLIGHT_INLINED {
            k(v, _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bytes16(p + 16 * v)), 16)));
        });
    }
};
struct F16 {
    static constexpr int kStep = 32, kBytes = 64;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        for_each<4>([&](auto v) HEADLIGHT_INLINED { k(v, _mm256_cvtph_ps(bytes16(p + 16 * v))); });
    }
};
struct F8E5M2 {  // a half without its lower byte
    static constexpr int kStep = 32, kBytes = 32;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        for_each<4>([&](auto v) HEADLIGHT_INLINED {
            k(v, _mm256_cvtph_ps(_mm_slli_epi16(_mm_cvtepu8_epi16(bytes8(p + 8 * v)), 8)));
        });
    }
};
struct F8E4M3 {  // as a half 2^8 smaller; all ones is no number
    static constexpr int kStep = 32, kBytes = 32;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        for_each<4>([&](auto v) HEADLIGHT_INLINED {
            const __m128i bytes = _mm_cvtepu8_epi16(bytes8(p + 8 * v)), ones = _mm_set1_epi16(0x7f);
            const __m128i magnitude = _mm_and_si128(bytes, ones);
            const __m128i sign = _mm_slli_epi16(_mm_sub_epi16(bytes, magnitude), 8);
            const __m128i none = _mm_and_si128(_mm_cmpeq_epi16(magnitude, ones), _mm_set1_epi16(0x7e00));
            const __m128i half = _mm_or_si128(_mm_or_si128(_mm_slli_epi16(magnitude, 7), sign), none);
            k(v, _mm256_mul_ps(_mm256_cvtph_ps(half), _mm256_set1_ps(256.0f)));
        });
    }
};
struct Fp4 {  // two neighbours a byte: sign, two bits of exponent, one of fraction
    static constexpr int kStep = 32, kBytes = 16;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        const __m256 table = _mm256_setr_ps(0, 0.5f, 1, 1.5f, 2, 3, 4, 6);
        const __m256i shifts = _mm256_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28);
        for_each<4>([&](auto v) HEADLIGHT_INLINED {
            const __m256i index =
                _mm256_srlv_epi32(_mm256_set1_epi32(static_cast<int>(bits32(p + 4 * v))), shifts);
            const __m256i sign = _mm256_slli_epi32(_mm256_and_si256(index, _mm256_set1_epi32(8)), 28);
            k(v, _mm256_or_ps(_mm256_permutevar8x32_ps(table, index), _mm256_castsi256_ps(sign)));
        });
    }
};

struct Q8_0 {
    static constexpr int kStep = 32, kBytes = 34;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        const __m256 scale = half_at(p);
        for_each<4>([&](auto v) HEADLIGHT_INLINED {
            k(v, _mm256_mul_ps(floats_of(signed_at(p + 2 + 8 * v)), scale));
        });
    }
};
struct Q4_0 {
    static constexpr int kStep = 32, kBytes = 18;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        const __m256 scale = half_at(p);
        halves(
            p + 2,
            [&](__m256i numbers) HEADLIGHT_INLINED {
                return _mm256_mul_ps(floats_of(_mm256_sub_epi32(numbers, _mm256_set1_epi32(8))), scale);
            },
            k);
    }
};
struct Q4_1 {
    static constexpr int kStep = 32, kBytes = 20;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        const __m256 scale = half_at(p), least = half_at(p + 2);
        halves(
            p + 4,
            [&](__m256i numbers)
                HEADLIGHT_INLINED { return _mm256_fmadd_ps(floats_of(numbers), scale, least); },
            k);
    }
};
struct Iq4Nl {
    static constexpr int kStep = 32, kBytes = 18;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        const __m128i table =
            _mm_setr_epi8(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
        halves_in_table(p + 2, table, half_at(p), k);
    }
};
struct Mxfp4 {
    static constexpr int kStep = 32, kBytes = 17;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        const __m128i twice = _mm_setr_epi8(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);
        halves_in_table(p + 1, twice, _mm256_set1_ps(half_of_power(p[0])), k);
    }
};
struct Q5_0 {
    static constexpr int kStep = 32, kBytes = 22;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        const __m256 scale = half_at(p);
        halves_and_fifths(
            p + 6, bits32(p + 2),
            [&](__m256i numbers) HEADLIGHT_INLINED {
                return _mm256_mul_ps(floats_of(_mm256_sub_epi32(numbers, _mm256_set1_epi32(16))), scale);
            },
            k);
    }
};
struct Q5_1 {
    static constexpr int kStep = 32, kBytes = 24;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        const __m256 scale = half_at(p), least = half_at(p + 2);
        halves_and_fifths(
            p + 8, bits32(p + 4),
            [&](__m256i numbers)
                HEADLIGHT_INLINED { return _mm256_fmadd_ps(floats_of(numbers), scale, least); },
            k);
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
        _mm256_store_ps(out, _mm256_mul_ps(floats_of(whole), half_at(common)));
    }
    HEADLIGHT_INLINED __m256 value(int group, __m256i numbers) const {
        return _mm256_fmsub_ps(floats_of(numbers), _mm256_set1_ps(step[group]), _mm256_set1_ps(least[group]));
    }
};
struct Q4K {
    static constexpr int kStep = 256, kBytes = 144;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        const GroupsOf32 groups(p);
        for_each<16>([&](auto i) HEADLIGHT_INLINED {  // eight bytes: numbers of two groups
            constexpr int pair = decltype(i)::value / 4, v = decltype(i)::value % 4;
            const __m256i bytes = unsigned_at(p + 16 + 8 * i);
            k(Index<8 * pair + v>{}, groups.value(2 * pair, low_half(bytes)));
            k(Index<8 * pair + 4 + v>{}, groups.value(2 * pair + 1, high_half(bytes)));
        });
    }
};
struct Q5K {
    static constexpr int kStep = 256, kBytes = 176;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        const GroupsOf32 groups(p);
        const __m256i sixteen = _mm256_set1_epi32(16);
        for_each<16>([&](auto i) HEADLIGHT_INLINED {
            constexpr int pair = decltype(i)::value / 4, v = decltype(i)::value % 4;
            const __m256i bytes = unsigned_at(p + 48 + 8 * i);
            const __m256i fifths = _mm256_slli_epi32(unsigned_at(p + 16 + 8 * v), 4);
            const __m256i first = _mm256_and_si256(_mm256_srli_epi32(fifths, 2 * pair), sixteen);
            const __m256i second = _mm256_and_si256(_mm256_srli_epi32(fifths, 2 * pair + 1), sixteen);
            k(Index<8 * pair + v>{}, groups.value(2 * pair, _mm256_or_si256(low_half(bytes), first)));
            k(Index<8 * pair + 4 + v>{},
              groups.value(2 * pair + 1, _mm256_or_si256(high_half(bytes), second)));
        });
    }
};
struct Q6K {
    static constexpr int kStep = 256, kBytes = 210;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        alignas(32) float step[16];
        alignas(32) std::uint8_t numbers[256];
        const __m256 scale = half_at(p + 208);
        for_each<2>([&](auto h) HEADLIGHT_INLINED {
            _mm256_store_ps(step + 8 * h, _mm256_mul_ps(scale, floats_of(signed_at(p + 192 + 8 * h))));
        });
        const __m256i low = _mm256_set1_epi8(15), top = _mm256_set1_epi8(0x30), zero = _mm256_set1_epi8(32);
        for_each<2>([&](auto h) HEADLIGHT_INLINED {
            const __m256i tops = bytes32(p + 128 + 32 * h);
            const __m256i first = bytes32(p + 64 * h), second = bytes32(p + 64 * h + 32);
            const auto join = [&](int quarter, __m256i bits, __m256i tops_of) HEADLIGHT_INLINED {
                const __m256i joined =
                    _mm256_or_si256(_mm256_and_si256(bits, low), _mm256_and_si256(tops_of, top));
                _mm256_store_si256(reinterpret_cast<__m256i*>(numbers + 128 * h + 32 * quarter),
                                   _mm256_sub_epi8(joined, zero));
            };
            join(0, first, _mm256_slli_epi16(tops, 4));
            join(1, second, _mm256_slli_epi16(tops, 2));
            join(2, _mm256_srli_epi16(first, 4), tops);
            join(3, _mm256_srli_epi16(second, 4), _mm256_srli_epi16(tops, 2));
        });
        for_each<32>([&](auto v) HEADLIGHT_INLINED {
            k(v, _mm256_mul_ps(floats_of(signed_at(numbers + 8 * v)), _mm256_set1_ps(step[v / 2])));
        });
    }
};
struct Q2K {
    static constexpr int kStep = 256, kBytes = 84;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        alignas(32) float step[16], least[16];
        const __m256 scale = half_at(p + 80), offset = half_at(p + 82);
        for_each<2>([&](auto h) HEADLIGHT_INLINED {
            const __m256i scales = unsigned_at(p + 8 * h);
            _mm256_store_ps(step + 8 * h, _mm256_mul_ps(scale, floats_of(low_half(scales))));
            _mm256_store_ps(least + 8 * h, _mm256_mul_ps(offset, floats_of(high_half(scales))));
        });
        for_each<32>([&](auto index) HEADLIGHT_INLINED {
            constexpr int v = decltype(index)::value;
            const __m256i bytes = unsigned_at(p + 16 + v / 16 * 32 + v % 4 * 8);
            const __m256i numbers =
                _mm256_and_si256(_mm256_srli_epi32(bytes, v % 16 / 4 * 2), _mm256_set1_epi32(3));
            k(index,
              _mm256_fmsub_ps(floats_of(numbers), _mm256_set1_ps(step[v / 2]), _mm256_set1_ps(least[v / 2])));
        });
    }
};
struct Q3K {
    static constexpr int kStep = 256, kBytes = 110;
    template <class K>
    HEADLIGHT_INLINED static void decode(Bytes p, K&& k) {
        alignas(32) float step[16];
        alignas(16) std::uint8_t scales[16];
        q3_scales(p + 96, scales);
        const __m256 scale = half_at(p + 108);
        for_each<2>([&](auto h) HEADLIGHT_INLINED {
            const __m256i whole = _mm256_sub_epi32(unsigned_at(scales + 8 * h), _mm256_set1_epi32(32));
            _mm256_store_ps(step + 8 * h, _mm256_mul_ps(scale, floats_of(whole)));
        });
        for_each<32>([&](auto index) HEADLIGHT_INLINED {
            constexpr int v = decltype(index)::value;
            const __m256i bytes = unsigned_at(p + 32 + v / 16 * 32 + v % 4 * 8);
            const __m256i numbers =
                _mm256_and_si256(_mm256_srli_epi32(bytes, v % 16 / 4 * 2), _mm256_set1_epi32(3));
            const __m256i thirds = _mm256_slli_epi32(unsigned_at(p + v % 4 * 8), 2);
            const __m256i third = _mm256_and_si256(_mm256_srli_epi32(thirds, v / 4), _mm256_set1_epi32(4));
            const __m256i whole = _mm256_sub_epi32(_mm256_or_si256(numbers, third), _mm256_set1_epi32(4));
            k(index, _mm256_mul_ps(floats_of(whole), _mm256_set1_ps(step[v / 2])));
        });
    }
};

}  // namespace avx2
}  // namespace
}  // namespace headlight
