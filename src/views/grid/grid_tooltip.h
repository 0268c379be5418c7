// What the head grid says at the pointer: the cell's name, its picture in large, its patterns and numbers.
#pragma once

#include <optional>

#include "views/grid/grid_model.h"
#include "views/view.h"

namespace headlight {

/// Where the numbers of a cell come from.
struct GridNumbers {
    const GridModel& model;
    const WeightAnalysis* weights = nullptr;  // null: not there yet
};

/// Side of the large picture, at scale 1.
inline constexpr float kLargeThumbnail = 240;

/// Tooltip and sentence of a cell; `picture`: a texture of its thumbnail.
void say_cell(ViewContext& context, const GridCell& cell, const GridNumbers& numbers,
              std::optional<unsigned> picture);

}  // namespace headlight
