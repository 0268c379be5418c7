// A weight [out, in] of a model: as its file stores it, or a tensor where a gradient flows, values are drawn,
// or no kernel knows the type.
#pragma once

#include <torch/types.h>

#include <optional>

#include "kernel/product/stored_matrix.h"

namespace headlight {

class WeightMatrix {
  public:
    /// An absent weight.
    WeightMatrix() = default;
    WeightMatrix(torch::Tensor tensor) : tensor_(std::move(tensor)) {}
    WeightMatrix(StoredMatrix stored) : stored_(std::move(stored)) {}

    bool defined() const { return stored_ || tensor_.defined(); }
    /// 0: rows (out), 1: columns (in).
    std::int64_t size(int axis) const;

    /// Null for a tensor.
    const StoredMatrix* stored() const { return stored_ ? &*stored_ : nullptr; }
    /// Undefined for a stored matrix.
    const torch::Tensor& tensor() const { return tensor_; }

    /// float32 [rows, cols], a copy unless it is a float32 tensor: never for a matrix that is not small, but
    /// one at a time.
    torch::Tensor widened() const;
    /// The same of rows or columns [begin, begin + count).
    torch::Tensor rows(std::int64_t begin, std::int64_t count) const;
    torch::Tensor columns(std::int64_t begin, std::int64_t count) const;
    /// Rows `indices` [..] int64, [.., cols] float32.
    torch::Tensor gather(const torch::Tensor& indices) const;

  private:
    std::optional<StoredMatrix> stored_;
    torch::Tensor tensor_;
};

}  // namespace headlight
