// Values of a mapped tensor as numbers, whatever their element type; Corrupt where the file was changed
// meanwhile.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "io/checkpoint/checkpoint.h"
#include "io/checkpoint/small_floats.h"

namespace headlight {

/// float32 of any floating or quantised type (f64 is rounded), row after row of the tensor's shape. Errors:
/// Unsupported (the tensor holds whole numbers).
Result<std::vector<float>> tensor_as_floats(const Checkpoint& checkpoint, const TensorInfo& tensor);

/// int64 of any whole-number type. Errors: Unsupported.
Result<std::vector<std::int64_t>> tensor_as_integers(const Checkpoint& checkpoint, const TensorInfo& tensor);

}  // namespace headlight
