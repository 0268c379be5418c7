#include "io/checkpoint/small_floats.h"

#include <bit>
#include <cmath>

namespace headlight {

float bfloat16_to_float(std::uint16_t bits) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

float half_to_float(std::uint16_t bits) {
    const float sign = (bits & 0x8000u) != 0 ? -1.0f : 1.0f;
    const int exponent = (bits >> 10) & 0x1F;
    const int fraction = bits & 0x3FF;
    if (exponent == 31) return fraction != 0 ? NAN : sign * INFINITY;
    if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
    return sign * std::ldexp(static_cast<float>(fraction | 0x400), exponent - 25);
}

std::uint16_t float_to_bfloat16(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if (std::isnan(value)) return static_cast<std::uint16_t>(bits >> 16 | 0x40);
    return static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

std::uint16_t float_to_half(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
    if (std::isnan(value)) return static_cast<std::uint16_t>(sign | 0x7E00);
    const float size = std::fabs(value);
    if (size >= 65520.0f) return static_cast<std::uint16_t>(sign | 0x7C00);
    // Below 2^-14 halves are 2^-24 apart. nearbyint rounds halfway cases to even.
    if (size < 0x1p-14f)
        return static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>(std::nearbyint(size * 0x1p24f)));
    const std::uint32_t rest = bits & 0x7FFFFFFF, odd = rest >> 13 & 1;
    return static_cast<std::uint16_t>(sign | (((rest + 0xFFF + odd) >> 13) - (112U << 10)));
}

float float8_to_float(DType dtype, std::uint8_t bits) {
    if (dtype == DType::Float8E8M0) return bits == 0xFF ? NAN : std::ldexp(1.0f, bits - 127);
    // A half whose lower fraction bits are cut off.
    if (dtype == DType::Float8E5M2) return half_to_float(static_cast<std::uint16_t>(bits << 8));
    const float sign = (bits & 0x80u) != 0 ? -1.0f : 1.0f;
    const int exponent = (bits >> 3) & 0x0F, fraction = bits & 0x07;
    if (exponent == 15 && fraction == 7) return NAN;  // e4m3fn has no infinity
    if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -9);
    return sign * std::ldexp(static_cast<float>(fraction | 8), exponent - 10);
}

}  // namespace headlight
