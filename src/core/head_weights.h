// The projections of one head, for spectra, composition and copying.
#pragma once

#include <vector>

#include "core/matrix.h"

namespace headlight {

/// Weights of one head in row-vector convention (q = x W + b), as stored: norm gains not folded.
struct HeadWeights {
    Matrix query, key, value;                             // [hidden, head_dim]
    Matrix output;                                        // [head_dim, hidden]
    std::vector<float> query_bias, key_bias, value_bias;  // [head_dim], empty without bias
    std::vector<float>
        norm_gain;  // [hidden] of the norm before attention as it multiplies; empty without a norm
    std::vector<float> norm_bias;  // [hidden], empty without
    bool is_centred = false;       // that norm takes the mean away (LayerNorm)
    bool is_rotary = false;        // the QK form then depends on the distance
};

}  // namespace headlight
