// Writes safetensors files (dumps, trained checkpoints), atomically.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/checkpoint.h"

namespace headlight {

/// A tensor to write; `bytes` must outlive the call and hold shape * dtype bytes, little-endian.
struct TensorToWrite {
    std::string name;
    DType dtype = DType::Float32;
    std::vector<std::int64_t> shape;
    std::span<const std::byte> bytes;
};

/// Header aligned to 8 bytes, tensors in the given order, metadata under "__metadata__".
Status write_safetensors(const std::string& path, std::span<const TensorToWrite> tensors,
                         const std::map<std::string, std::string>& metadata = {});

}  // namespace headlight
