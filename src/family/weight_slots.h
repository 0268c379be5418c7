// Which weights an architecture has: canonical names, shapes and what they start as.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "family/architecture.h"

namespace headlight {

/// One weight that an architecture has.
struct WeightSlot {
    std::string name;  // "layers.0.query", "token_embedding", "decoder.layers.0.cross_query" ...
    std::vector<std::int64_t> shape;
    bool is_norm_gain = false;     // starts at one
    bool is_bias = false;          // starts at zero
    bool writes_residual = false;  // output and down projections
};

/// Every weight that `arch` has. What is not listed is absent; of layers that share their weights the first
/// is listed.
std::vector<WeightSlot> weight_slots(const Architecture& arch);

/// The first layer that uses the weights of layer `index`: itself, unless layers share them.
int first_with_weights_of(const Architecture& arch, int index);

/// Rows of the relative embedding table of ScoreBias::Disentangled, to either side.
int relative_span(const Architecture& arch);

/// Rows of a table of ScoreBias::Grid: one for each step between two patches, then learned token to patch,
/// patch to learned token and learned token to itself (Bao et al. 2021).
std::int64_t grid_steps(const PatchSettings& patches);

/// Number of weights, each stored tensor once.
std::int64_t count_parameters(const Architecture& arch);

}  // namespace headlight
