// Values of a mapped tensor as numbers, whatever their element type; Corrupt where the file was changed
// meanwhile.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "io/checkpoint/checkpoint.h"

namespace headlight {

/// float32 of any floating or quantised type (f64 is rounded), row after row of the tensor's shape. Errors:
/// Unsupported (the tensor holds whole numbers).
Result<std::vector<float>> tensor_as_floats(const Checkpoint& checkpoint, const TensorInfo& tensor);

/// int64 of any whole-number type. Errors: Unsupported.
Result<std::vector<std::int64_t>> tensor_as_integers(const Checkpoint& checkpoint, const TensorInfo& tensor);

/// IEEE half precision and bfloat16 to float, exactly.
float half_to_float(std::uint16_t bits);
float bfloat16_to_float(std::uint16_t bits);
/// Eight-bit floats of the OCP formats (e4m3 without infinities, e5m2, e8m0 as scales), exactly.
float float8_to_float(DType dtype, std::uint8_t bits);

}  // namespace headlight
