// Quantised blocks of GGUF files as numbers.
#pragma once

#include <cstddef>
#include <span>

#include "io/checkpoint/dtype.h"

namespace headlight {

/// `bytes` holds whole blocks, `out` block_elements(dtype) numbers for each; the arithmetic is that of the
/// format's own reference (float32). `dtype` must be quantised.
void dequantize(DType dtype, std::span<const std::byte> bytes, std::span<float> out);

}  // namespace headlight
