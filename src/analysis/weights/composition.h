// How much a later head reads what an earlier one writes: composition scores of the weights (Elhage et al.
// 2021).
#pragma once

#include <functional>

#include "base/progress.h"
#include "base/result.h"
#include "core/head_weights.h"
#include "core/matrix.h"

namespace headlight {

struct CompositionScores {
    Matrix query, key,
        value;  // [L * H later, L * H earlier]; 0 where the earlier layer is not before the later one
    double baseline =
        0;  // mean for random matrices of these shapes, about 1 / sqrt(hidden size); subtract to compare
};

/// |M1 M2|_F / (|M1|_F |M2|_F) with row vectors: the earlier head writes x W_OV, the later one reads it as
/// query (W_QK), key (W_QK^T) or value (W_OV). From k x k products only. `weights_of(layer, head)` hands out
/// the factors. Errors: Cancelled, those of weights_of.
Result<CompositionScores> compute_composition(int num_layers, int num_heads,
                                              const std::function<Result<HeadWeights>(int, int)>& weights_of,
                                              const JobContext& job);

}  // namespace headlight
