// Numbers rounded to the type that a library would compute in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "io/checkpoint/checkpoint.h"
#include "io/checkpoint/small_floats.h"

namespace headlight {

/// The bytes of a tensor that is made here: float32, float16 or bfloat16.
class NumberWriter {
  public:
    NumberWriter(DType dtype, std::size_t count)
        : dtype_(dtype), bytes_(std::make_shared<std::vector<std::byte>>(count * size_bytes(dtype))) {}

    /// Rounds to the nearest, halfway cases to even.
    void put(std::size_t index, float value) {
        std::byte* const at = bytes_->data() + index * size_bytes(dtype_);
        if (dtype_ == DType::Float32) {
            std::memcpy(at, &value, sizeof value);
            return;
        }
        const std::uint16_t bits = dtype_ == DType::Float16 ? float_to_half(value) : float_to_bfloat16(value);
        std::memcpy(at, &bits, sizeof bits);
    }

    /// `tensor` with these bytes in place of those of its file.
    TensorInfo finish(TensorInfo tensor) {
        tensor.dtype = dtype_;
        tensor.length_bytes = bytes_->size();
        tensor.offset_bytes = 0;
        tensor.copy = std::move(bytes_);
        return tensor;
    }

  private:
    DType dtype_;
    std::shared_ptr<std::vector<std::byte>> bytes_;
};

}  // namespace headlight
