// Shared blocks of the forward pass. Each works with and without gradients; without, it may reuse its input's
// memory.
#pragma once

#include <torch/types.h>

#include "family/architecture.h"
#include "model/weights/weights.h"

namespace headlight {

/// Layer norm or RMS norm over the last axis, `gain` and `bias` may be undefined; without norms x itself, not
/// a copy.
torch::Tensor normalize(const Architecture& arch, const torch::Tensor& x, const torch::Tensor& gain,
                        const torch::Tensor& bias);

/// The same for a norm of any kind.
torch::Tensor normalize_as(NormKind kind, const torch::Tensor& x, const torch::Tensor& gain,
                           const torch::Tensor& bias, double eps);

/// Norm of queries or keys x [B, N, heads * head_dim] after their projection, as arch.qk_norm says.
torch::Tensor normalize_heads(const Architecture& arch, const torch::Tensor& x, const torch::Tensor& gain,
                              const torch::Tensor& bias);

/// The activation, element by element. Writes into x when no gradient is recorded.
torch::Tensor activate(Activation kind, torch::Tensor x);

/// The feed-forward part of a block, [.., D] -> [.., D].
torch::Tensor feed_forward(const Architecture& arch, const MlpWeights& mlp, const torch::Tensor& x);

/// activation(convolution over the tokens of x) [B, N, D], zeros beyond the ends; `filter` [D, D / groups,
/// kernel].
torch::Tensor convolve(const Architecture& arch, const torch::Tensor& x, const torch::Tensor& filter,
                       const torch::Tensor& bias);

/// What ConvBERT adds beside attention [B, N, D]: values of the neighbours, weighted by a kernel per head
/// that each token makes of its query and a convolution over x [B, N, D]. Jiang et al. 2020.
torch::Tensor span_convolution(const Architecture& arch, const LayerWeights& layer, const torch::Tensor& x);

/// A layer's short convolution over normed x [B, N, D], what it adds: nothing before the first token.
torch::Tensor short_convolution(const Architecture& arch, const LayerWeights& layer, const torch::Tensor& x);

/// x W^T + b; `bias` may be undefined.
torch::Tensor project(const torch::Tensor& x, const WeightMatrix& weight, const torch::Tensor& bias);

/// a + b; writes into a when no gradient is recorded.
torch::Tensor add_residual(torch::Tensor a, const torch::Tensor& b);

}  // namespace headlight
