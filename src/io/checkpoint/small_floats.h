// Floats of 16 and 8 bits as float32, and back.
#pragma once

#include <cstdint>

#include "io/checkpoint/dtype.h"

namespace headlight {

/// IEEE half precision and bfloat16 to float, exactly.
float half_to_float(std::uint16_t bits);
float bfloat16_to_float(std::uint16_t bits);
/// To the nearest, halfway cases to even; what is too large becomes infinite.
std::uint16_t float_to_half(float value);
std::uint16_t float_to_bfloat16(float value);
/// Eight-bit floats of the OCP formats (e4m3 without infinities, e5m2, e8m0 as scales), exactly.
float float8_to_float(DType dtype, std::uint8_t bits);

}  // namespace headlight
