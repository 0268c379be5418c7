// How long the vector is that each token has to give: |f_j|, f_j = (x_j W_V + b_V) W_O of one head (Kobayashi
// et al. 2020).
#pragma once

#include <torch/types.h>

#include <vector>

#include "core/matrix.h"
#include "family/architecture.h"
#include "model/forward/key_value_store.h"
#include "model/weights/weights.h"

namespace headlight {

class ValueNorms {
  public:
    /// Norms of the first `num_tokens` values of the store, [L * H, N]. The factors of the output projections
    /// are made at the first call and kept.
    Matrix compute(const Architecture& arch, const Weights& weights, KeyValueStore& store, int num_tokens);

  private:
    /// R [head_dim, head_dim] of each head with W_O = R^T Q^T, Q orthonormal: |v W_O| = |v R^T|. Against the
    /// Gram matrix R^T R nothing is squared, so short vectors keep their digits.
    std::vector<torch::Tensor>
        factors_;  // [L] of [H, head_dim, head_dim] transposed; as many rows as hidden if fewer
};

}  // namespace headlight
