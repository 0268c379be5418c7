#include "views/cause/part_effects.h"

#include <algorithm>
#include <cmath>

namespace headlight {

void refresh_part_effects(PartEffects& state, const std::shared_ptr<const Attribution>& attribution, int row,
                          const HeadGrid& grid) {
    if (state.attribution == attribution && state.row == row) return;
    state.attribution = attribution;
    state.row = row;
    state.num_layers = grid.num_layers;
    state.num_heads = grid.num_heads;
    state.heads.assign(grid.size(), 0.0);
    state.mlps.assign(static_cast<std::size_t>(grid.num_layers), 0.0);
    state.embedding = state.biases = state.largest = 0;
    std::vector<double> layer_biases(state.mlps.size(), 0.0);
    for (std::size_t i = 0; i < attribution->components.size(); ++i) {
        const Component& part = attribution->components[i];
        const double value = attribution->effect(i, row);
        const bool has_layer = part.layer >= 0 && part.layer < grid.num_layers;
        if (part.kind == Component::Kind::Head && has_layer)
            state.heads[grid.index({part.layer, part.head})] = value;
        else if (part.kind == Component::Kind::Mlp && has_layer)
            state.mlps[static_cast<std::size_t>(part.layer)] = value;
        else if (part.kind == Component::Kind::Embedding || part.kind == Component::Kind::Position)
            state.embedding += value;
        else if (has_layer)
            layer_biases[static_cast<std::size_t>(part.layer)] += value;
        else
            state.biases += value;
        state.largest = std::max(state.largest, std::abs(value));
    }
    state.totals = {state.embedding};
    for (int layer = 0; layer < grid.num_layers; ++layer) {
        const auto at = static_cast<std::size_t>(layer);
        double sum = state.totals.back() + state.mlps[at] + layer_biases[at];
        for (int head = 0; head < grid.num_heads; ++head)
            sum += state.heads[grid.index({layer, head})];
        state.totals.push_back(sum);
    }
}

}  // namespace headlight
