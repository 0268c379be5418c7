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
