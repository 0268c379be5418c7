// Feed-forward parts made of experts.
#pragma once

#include <torch/types.h>

#include "family/architecture.h"
#include "model/weights/weights.h"

namespace headlight {

/// A sparse feed-forward part over x [.., D]: a router picks the experts of each token (Shazeer et al. 2017);
/// the weights of those chosen are their softmax, over all experts or over the chosen ones. Only experts that
/// some token chose run.
torch::Tensor feed_experts(const Architecture& arch, const LayerWeights& layer, const torch::Tensor& x);

}  // namespace headlight
