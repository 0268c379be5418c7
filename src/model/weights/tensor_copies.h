// Copies between tensors and the plain values that leave the engine.
#pragma once

#include <torch/types.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "core/matrix.h"

namespace headlight {

/// [rows, cols], any layout and device, as float32.
inline Matrix to_matrix(const torch::Tensor& tensor) {
    const torch::Tensor plain = tensor.to(torch::kCPU, torch::kFloat32).contiguous();
    Matrix out(plain.size(0), plain.size(1));
    std::copy_n(plain.const_data_ptr<float>(), out.values.size(), out.values.data());
    return out;
}

/// [size]; empty for an undefined tensor.
inline std::vector<float> to_vector(const torch::Tensor& tensor) {
    if (!tensor.defined()) return {};
    const torch::Tensor plain = tensor.to(torch::kCPU, torch::kFloat32).contiguous();
    const float* data = plain.const_data_ptr<float>();
    return {data, data + plain.numel()};
}

/// `more` [K, D] behind the first `count` rows of `room` [R, D], which is made larger when it is full: one
/// more row at the end of a long text moves nothing. Returns the rows [count + K, D], a view of `room`.
inline torch::Tensor append_rows(torch::Tensor& room, std::int64_t count, const torch::Tensor& more) {
    if (count == 0) return room = more;
    const std::int64_t end = count + more.size(0);
    if (room.size(0) < end) {
        const torch::Tensor larger = torch::empty({end + end / 4 + 64, more.size(1)}, more.options());
        larger.slice(0, 0, count).copy_(room.slice(0, 0, count));
        room = larger;
    }
    room.slice(0, count, end).copy_(more);
    return room.slice(0, 0, end);
}

/// Indices or ids, [size] int64.
inline torch::Tensor to_indices(std::span<const std::int32_t> values) {
    const std::vector<std::int64_t> wide(values.begin(), values.end());
    return torch::tensor(wide, torch::kInt64);
}

}  // namespace headlight
