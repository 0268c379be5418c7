// The map of a patching: cells as colours, their order and what a head at random gives.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "session/tasks/patching.h"
#include "views/layout.h"
#include "views/view.h"

namespace headlight {

/// Effects of the cells that are done, in one metric. Made once for a map.
struct PatchEffects {
    std::shared_ptr<const PatchMap> map;
    AnswerMetric metric = AnswerMetric::Difference;
    std::vector<std::optional<double>> effects;  // of each cell; nullopt: not done, or undefined
    std::vector<std::size_t> order;              // done cells by distance from "nothing changed"
    double largest = 0;                          // of those distances
    double neutral = 0;                          // where nothing changed: 0 denoising, 1 noising
    std::optional<double> low, middle, high;     // 5 %, 50 % and 95 % of all cells: what one at random gives
    std::string why_not;                         // why there are no effects
    std::string warning;                         // a small gap
};
void refresh_patch_effects(PatchEffects& effects, const PatchingState& state, AnswerMetric metric);

/// "L23H3", "L5 ·to 13".
std::string patch_cell_label(const ViewContext& context, const PatchCell& cell);

/// Layers left to right; heads, or positions, from the top. Hover says a cell, a click chooses head or token.
void draw_patch_map(ViewContext& context, const PatchEffects& effects, const LayoutRect& area);

}  // namespace headlight
