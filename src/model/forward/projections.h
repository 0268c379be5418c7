// Queries, keys and values of one layer.
#pragma once

#include <torch/types.h>

#include "family/architecture.h"
#include "model/weights/weights.h"

namespace headlight {

/// [.., N, heads * head_dim] each, after bias, clipping and norm, before rotation. Values of latent attention
/// are filled with zeros to head_dim.
struct Projections {
    torch::Tensor query, key, value;
};

/// Of layer `index` over its normed input x [.., N, D].
Projections project_layer(const Architecture& arch, const LayerWeights& layer, int index,
                          const torch::Tensor& x);

}  // namespace headlight
