// Stored numbers as float32 for any processor: one function per type widens a block, in loops that the
// compiler turns into vectors. Layouts are GGUF's (io/checkpoint/quantized.cpp says them in words), bit for
// bit the same numbers. Included only by product_portable.cpp: internal linkage, no call into a library
// (kernel_loops.h).
#pragma once

#include <cstdint>

#include "kernel/product/product_loops.h"

namespace headlight {
namespace {
namespace portable {

using Bytes = const std::uint8_t* __restrict;
using Floats = float* __restrict;

inline std::uint32_t bits16(Bytes p) {
    return static_cast<std::uint32_t>(p[0] | p[1] << 8);
}
inline std::uint32_t bits32(Bytes p) {
    return bits16(p) | bits16(p + 2) << 16;
}
inline float as_float(std::uint32_t bits) {
    float x = 0;
    __builtin_memcpy(&x, &bits, sizeof x);
    return x;
}
inline std::uint32_t as_bits(float x) {
    std::uint32_t bits = 0;
    __builtin_memcpy(&bits, &x, sizeof bits);
    return bits;
}

/// A float of `Exponent` and `Fraction` bits under a sign, exactly; its largest exponent is like any other.
/// Normal arithmetic throughout, so that flushing of subnormals cannot hurt the small ones.
template <int Exponent, int Fraction>
inline std::uint32_t widen_float(std::uint32_t bits) {
    constexpr int kSign = Exponent + Fraction, kBias = (1 << (Exponent - 1)) - 1;
    const std::uint32_t magnitude = bits & ((1u << kSign) - 1);
    const std::uint32_t normal = (magnitude << (23 - Fraction)) + ((127u - kBias) << 23);
    const float step = as_float((127u + 1 - kBias - Fraction) << 23);  // of subnormals
    const std::uint32_t subnormal = as_bits(static_cast<float>(static_cast<std::int32_t>(magnitude)) * step);
    return (magnitude < (1u << Fraction) ? subnormal : normal) | (bits >> kSign & 1) << 31;
}
inline float from_half(std::uint32_t bits) {  // IEEE half precision
    return as_float(widen_float<5, 10>(bits) | ((bits & 0x7c00) == 0x7c00 ? 0x7f800000u : 0u));
}
inline float half_at(Bytes p) {
    return from_half(bits16(p));
}

// Plain types, kPlainStep numbers at a time.
constexpr int kPlainStep = 16;

HEADLIGHT_INLINED inline void f32(Bytes p, Floats out) {
    __builtin_memcpy(out, p, kPlainStep * sizeof(float));
}
HEADLIGHT_INLINED inline void bf16(Bytes p, Floats out) {
    for (int i = 0; i < kPlainStep; ++i)
        out[i] = as_float(bits16(p + 2 * i) << 16);
}
HEADLIGHT_INLINED inline void f16(Bytes p, Floats out) {
    for (int i = 0; i < kPlainStep; ++i)
        out[i] = half_at(p + 2 * i);
}
HEADLIGHT_INLINED inline void f8_e4m3(Bytes p, Floats out) {  // "fn": no infinity, all ones is no number
    for (int i = 0; i < kPlainStep; ++i)
        out[i] = as_float(widen_float<4, 3>(p[i]) | ((p[i] & 0x7f) == 0x7f ? 0x7fc00000u : 0u));
}
HEADLIGHT_INLINED inline void f8_e5m2(Bytes p, Floats out) {  // a half without its lower byte
    for (int i = 0; i < kPlainStep; ++i)
        out[i] = from_half(static_cast<std::uint32_t>(p[i]) << 8);
}
HEADLIGHT_INLINED inline void fp4(Bytes p, Floats out) {
    for (int i = 0; i < kPlainStep / 2; ++i) {
        out[2 * i] = as_float(widen_float<2, 1>(p[i]));
        out[2 * i + 1] = as_float(widen_float<2, 1>(p[i] >> 4));
    }
}

// Blocks of 32: the first 16 numbers are the low halves of the bytes, the last 16 the high ones.

/// Added to a product, it changes nothing, not even the sign of a zero.
constexpr float kNothing = -0.0f;

/// (number - zero) * scale + least. Products are exact, here and below, so that fusing them with the sum or
/// not is the same.
HEADLIGHT_INLINED inline void halves(Bytes p, int zero, float scale, float least, Floats out) {
    for (int i = 0; i < 16; ++i) {
        out[i] = static_cast<float>((p[i] & 15) - zero) * scale + least;
        out[i + 16] = static_cast<float>((p[i] >> 4) - zero) * scale + least;
    }
}
/// The same with fifth bits, those of the first 16 numbers first.
HEADLIGHT_INLINED inline void halves_and_fifths(Bytes p, std::uint32_t fifths, int zero, float scale,
                                                float least, Floats out) {
    for (int i = 0; i < 16; ++i) {
        const auto first = static_cast<int>(fifths >> i & 1),
                   second = static_cast<int>(fifths >> (i + 16) & 1);
        out[i] = static_cast<float>(((p[i] & 15) | first << 4) - zero) * scale + least;
        out[i + 16] = static_cast<float>(((p[i] >> 4) | second << 4) - zero) * scale + least;
    }
}

HEADLIGHT_INLINED inline void q8_0(Bytes p, Floats out) {
    const float scale = half_at(p);
    for (int i = 0; i < 32; ++i)
        out[i] = static_cast<float>(static_cast<std::int8_t>(p[2 + i])) * scale;
}
HEADLIGHT_INLINED inline void q4_0(Bytes p, Floats out) {
    halves(p + 2, 8, half_at(p), kNothing, out);
}
HEADLIGHT_INLINED inline void q4_1(Bytes p, Floats out) {
    halves(p + 4, 0, half_at(p), half_at(p + 2), out);
}
HEADLIGHT_INLINED inline void q5_0(Bytes p, Floats out) {
    halves_and_fifths(p + 6, bits32(p + 2), 16, half_at(p), kNothing, out);
}
HEADLIGHT_INLINED inline void q5_1(Bytes p, Floats out) {
    halves_and_fifths(p + 8, bits32(p + 4), 0, half_at(p), half_at(p + 2), out);
}
HEADLIGHT_INLINED inline void iq4_nl(Bytes p, Floats out) {
    static constexpr float kValues[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                          1,    13,   25,  38,  53,  69,  89,  113};
    const float scale = half_at(p);
    for (int i = 0; i < 16; ++i) {
        out[i] = kValues[p[2 + i] & 15] * scale;
        out[i + 16] = kValues[p[2 + i] >> 4] * scale;
    }
}
HEADLIGHT_INLINED inline void mxfp4(Bytes p,
                                    Floats out) {  // half the scale, twice the number; no negative zero
    const float half_scale = as_float(p[0] < 2 ? 0x00200000u << p[0] : (p[0] - 1u) << 23);
    for (int i = 0; i < 16; ++i) {
        out[i] = (as_float(widen_float<2, 1>(p[1 + i])) * 2 + 0.0f) * half_scale;
        out[i + 16] = (as_float(widen_float<2, 1>(p[1 + i] >> 4)) * 2 + 0.0f) * half_scale;
    }
}

// Blocks of 256: groups with a small scale each under a common one.

HEADLIGHT_INLINED inline void q2_k(Bytes p, Floats out) {  // groups of 16
    const float scale = half_at(p + 80), offset = half_at(p + 82);
    float step[16], least[16];
    for (int g = 0; g < 16; ++g) {
        step[g] = static_cast<float>(p[g] & 15) * scale;
        least[g] = static_cast<float>(p[g] >> 4) * offset;
    }
    for (int g = 0; g < 16; ++g) {
        const Bytes values = p + 16 + g / 8 * 32 + g % 2 * 16;
        for (int i = 0; i < 16; ++i)
            out[g * 16 + i] = static_cast<float>(values[i] >> (g % 8 / 2 * 2) & 3) * step[g] - least[g];
    }
}
HEADLIGHT_INLINED inline void q3_k(Bytes p, Floats out) {  // groups of 16
    const Bytes scales = p + 96;
    const float scale = half_at(p + 108);
    for (int g = 0; g < 16; ++g) {
        const int lower = g < 8 ? scales[g] & 15 : scales[g - 8] >> 4;
        const int upper = scales[8 + g % 4] >> (g / 4 * 2) & 3;
        const float step = static_cast<float>((lower | upper << 4) - 32) * scale;
        const Bytes thirds = p + g % 2 * 16, values = p + 32 + g / 8 * 32 + g % 2 * 16;
        for (int i = 0; i < 16; ++i) {
            const int number = (values[i] >> (g % 8 / 2 * 2) & 3) | (thirds[i] >> (g / 2) & 1) << 2;
            out[g * 16 + i] = static_cast<float>(number - 4) * step;
        }
    }
}

/// Six-bit scales and offsets of eight groups in 12 bytes, under the common ones before them.
HEADLIGHT_INLINED inline void six_bit_scales(Bytes p, float* step, float* least) {
    const float scale = half_at(p), offset = half_at(p + 2);
    const Bytes packed = p + 4;
    for (int g = 0; g < 4; ++g) {
        step[g] = static_cast<float>(packed[g] & 63) * scale;
        least[g] = static_cast<float>(packed[g + 4] & 63) * offset;
        step[g + 4] = static_cast<float>((packed[g + 8] & 15) | packed[g] >> 6 << 4) * scale;
        least[g + 4] = static_cast<float>(packed[g + 8] >> 4 | packed[g + 4] >> 6 << 4) * offset;
    }
}
HEADLIGHT_INLINED inline void q4_k(Bytes p, Floats out) {  // groups of 32, two share 32 bytes
    float step[8], least[8];
    six_bit_scales(p, step, least);
    for (int pair = 0; pair < 4; ++pair) {
        const Bytes values = p + 16 + pair * 32;
        for (int i = 0; i < 32; ++i) {
            out[pair * 64 + i] = static_cast<float>(values[i] & 15) * step[2 * pair] - least[2 * pair];
            out[pair * 64 + 32 + i] =
                static_cast<float>(values[i] >> 4) * step[2 * pair + 1] - least[2 * pair + 1];
        }
    }
}
HEADLIGHT_INLINED inline void q5_k(Bytes p, Floats out) {  // the same with a fifth bit per group
    float step[8], least[8];
    six_bit_scales(p, step, least);
    const Bytes fifths = p + 16;
    for (int pair = 0; pair < 4; ++pair) {
        const Bytes values = p + 48 + pair * 32;
        for (int i = 0; i < 32; ++i) {
            const int first = (values[i] & 15) | (fifths[i] >> (2 * pair) & 1) << 4;
            const int second = values[i] >> 4 | (fifths[i] >> (2 * pair + 1) & 1) << 4;
            out[pair * 64 + i] = static_cast<float>(first) * step[2 * pair] - least[2 * pair];
            out[pair * 64 + 32 + i] = static_cast<float>(second) * step[2 * pair + 1] - least[2 * pair + 1];
        }
    }
}
HEADLIGHT_INLINED inline void q6_k(
    Bytes p, Floats out) {  // groups of 16; 32 numbers share the place of their halves and top bits
    const float scale = half_at(p + 208);
    for (int g = 0; g < 16; ++g) {
        const float step = scale * static_cast<float>(static_cast<std::int8_t>(p[192 + g]));
        const int half = g / 8, quarter = g % 8 / 2;
        const Bytes lower = p + half * 64 + quarter % 2 * 32 + g % 2 * 16,
                    upper = p + 128 + half * 32 + g % 2 * 16;
        for (int i = 0; i < 16; ++i) {
            const int number = (lower[i] >> (quarter / 2 * 4) & 15) | (upper[i] >> (quarter * 2) & 3) << 4;
            out[g * 16 + i] = step * static_cast<float>(number - 32);
        }
    }
}

}  // namespace portable

/// A type's decoder out of the function that widens one of its steps.
template <class S, int Step, int NumBytes, void (*Widen)(portable::Bytes, portable::Floats)>
struct PortableDecoder {
    static constexpr int kStep = Step, kBytes = NumBytes;
    template <class K>
    HEADLIGHT_INLINED static void decode(const std::uint8_t* p, K&& k) {
        alignas(64) float numbers[Step];
        Widen(p, numbers);
        for_each<Step / S::kWidth>([&](auto v) HEADLIGHT_INLINED { k(v, S::load(numbers + v * S::kWidth)); });
    }
};

}  // namespace
}  // namespace headlight
