// Products of rows with the weights of a model, the one place that decides who computes them: our kernels on
// the bytes as stored, or LibTorch.
#pragma once

#include <torch/types.h>

#include <initializer_list>
#include <vector>

#include "model/weights/weight_matrix.h"

namespace headlight {

struct Projection {
    const WeightMatrix& weight;
    const torch::Tensor& bias;  // [out] or undefined
};

/// x W^T + b of several weights that read the same x [.., in]: [.., out] each, in order. Stored float32 and
/// narrower matrices by our kernels, whose activations stay float32; tensors, and float32 matrices where it
/// is faster for as many rows (kernel_choice.h), by LibTorch. A gradient flows through x where the weights
/// are tensors.
std::vector<torch::Tensor> project_all(const torch::Tensor& x, std::initializer_list<Projection> projections);

}  // namespace headlight
