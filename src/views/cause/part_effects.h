// The direct effects of all parts of a model on an answer, in the order in which they are drawn.
#pragma once

#include <memory>
#include <vector>

#include "core/cause/attribution.h"
#include "core/head_grid.h"

namespace headlight {

/// Of one attribution and row.
struct PartEffects {
    std::shared_ptr<const Attribution> attribution;
    int row = -1;
    int num_layers = 0, num_heads = 0;
    std::vector<double> heads, mlps;  // [layer, head], [layer]
    double embedding = 0, biases = 0, largest = 0;
    std::vector<double> totals;  // [layers + 1] up to and with each layer; embedding first
};

/// Does nothing when they are of that attribution and row already.
void refresh_part_effects(PartEffects& effects, const std::shared_ptr<const Attribution>& attribution,
                          int row, const HeadGrid& grid);

}  // namespace headlight
