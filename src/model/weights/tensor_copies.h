// Copies between tensors and the plain values that leave the engine.
#pragma once

#include <torch/types.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "core/matrix.h"

namespace headlight {

/// [rows, cols], any layout, as float32.
inline Matrix to_matrix(const torch::Tensor& tensor) {
    const torch::Tensor plain = tensor.to(torch::kFloat32).contiguous();
    Matrix out(plain.size(0), plain.size(1));
    std::copy_n(plain.const_data_ptr<float>(), out.values.size(), out.values.data());
    return out;
}

/// [size]; empty for an undefined tensor.
inline std::vector<float> to_vector(const torch::Tensor& tensor) {
    if (!tensor.defined()) return {};
    const torch::Tensor plain = tensor.to(torch::kFloat32).contiguous();
    const float* data = plain.const_data_ptr<float>();
    return {data, data + plain.numel()};
}

/// Indices or ids, [size] int64.
inline torch::Tensor to_indices(std::span<const std::int32_t> values) {
    const std::vector<std::int64_t> wide(values.begin(), values.end());
    return torch::tensor(wide, torch::kInt64);
}

}  // namespace headlight
