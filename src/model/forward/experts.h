// Feed-forward parts made of experts.
#pragma once

#include <torch/types.h>

#include "family/architecture.h"
#include "model/weights/weights.h"

namespace headlight {

/// A sparse feed-forward part over x [.., D]: a router picks the experts of each token (Shazeer et al. 2017),
/// out of its best groups where they stand in groups, and weighs them as MoeSettings says. Only experts that
/// some token chose run.
torch::Tensor feed_experts(const Architecture& arch, const LayerWeights& layer, const torch::Tensor& x);

}  // namespace headlight
