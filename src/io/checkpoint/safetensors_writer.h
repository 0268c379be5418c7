// Writes safetensors files (dumps, trained checkpoints), atomically.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/checkpoint/checkpoint.h"

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

/// Takes the next bytes of the tensor that is being written.
using ByteSink = std::function<Status(std::span<const std::byte>)>;

/// A tensor whose bytes are made while the file is written, piece by piece, so that they are never all in
/// memory.
struct TensorToStream {
    std::string name;
    DType dtype = DType::Float32;
    std::vector<std::int64_t> shape;
    std::function<Status(const ByteSink&)> write;  // must hand over exactly shape * dtype bytes
};

/// The same file from streamed tensors. Errors: Internal (the disk, or a tensor that gave too few or too many
/// bytes), and whatever a tensor's `write` returns (Cancelled leaves no file).
Status stream_safetensors(const std::string& path, std::span<const TensorToStream> tensors,
                          const std::map<std::string, std::string>& metadata = {});

}  // namespace headlight
