// What one parameter tensor looks like: sizes, spread, values that are no numbers, heads that repeat another.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace headlight {

/// One parameter tensor of the attention blocks, as the checkpoint gave it.
struct ParameterHealth {
    std::string name;  // as in the checkpoint where it is known, else "layers.0.query"
    int layer = 0;
    std::vector<std::int64_t> shape;
    std::int64_t num_values = 0, num_not_finite = 0;
    double mean = 0, standard_deviation = 0, max_abs = 0;
    int duplicate_head = -1;  // first head whose slice equals another head's of the same tensor; -1: none
};

}  // namespace headlight
