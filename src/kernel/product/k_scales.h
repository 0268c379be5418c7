// Small scales of quantised blocks, unpacked a word at a time. Included only by the product_<isa>.cpp files.
#pragma once

#include <cstdint>

#include "kernel/product/product_loops.h"

namespace headlight {
namespace {

HEADLIGHT_INLINED inline std::uint16_t bits16(const std::uint8_t* p) {
    std::uint16_t bits;
    __builtin_memcpy(&bits, p, sizeof bits);
    return bits;
}
HEADLIGHT_INLINED inline std::uint32_t bits32(const std::uint8_t* p) {
    std::uint32_t bits;
    __builtin_memcpy(&bits, p, sizeof bits);
    return bits;
}

/// 2^(exponent - 127) / 2 of an MXFP4 block.
HEADLIGHT_INLINED inline float half_of_power(std::uint8_t exponent) {
    const std::uint32_t bits = exponent < 2 ? 0x00200000u << exponent : (exponent - 1u) << 23;
    float power;
    __builtin_memcpy(&power, &bits, sizeof power);
    return power;
}

/// Scales and offsets of the eight groups of Q4_K and Q5_K, six bits each in 12 bytes, as a byte each.
struct SixBits {
    std::uint64_t scales, offsets;

    HEADLIGHT_INLINED explicit SixBits(const std::uint8_t* p) {
        const std::uint32_t a = bits32(p), b = bits32(p + 4), c = bits32(p + 8);
        const std::uint32_t late_scales = (c & 0x0f0f0f0f) | (a >> 6 & 0x03030303) << 4;
        const std::uint32_t late_offsets = (c >> 4 & 0x0f0f0f0f) | (b >> 6 & 0x03030303) << 4;
        scales = (a & 0x3f3f3f3f) | std::uint64_t{late_scales} << 32;
        offsets = (b & 0x3f3f3f3f) | std::uint64_t{late_offsets} << 32;
    }
};

/// The 16 six-bit scales of a Q3_K block, 32 more than they stand for.
HEADLIGHT_INLINED inline void q3_scales(const std::uint8_t* p, std::uint8_t* out) {
    const std::uint32_t a = bits32(p), b = bits32(p + 4), tops = bits32(p + 8);
    const std::uint32_t words[4] = {a & 0x0f0f0f0f, b & 0x0f0f0f0f, a >> 4 & 0x0f0f0f0f, b >> 4 & 0x0f0f0f0f};
    for_each<4>([&](auto i) HEADLIGHT_INLINED {
        const std::uint32_t word = words[i] | (tops >> (2 * i) & 0x03030303) << 4;
        __builtin_memcpy(out + 4 * i, &word, sizeof word);
    });
}

}  // namespace
}  // namespace headlight
