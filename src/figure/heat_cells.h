// One matrix of attention as coloured cells: reduced by maximum when there are more weights than room, masked
// entries in a colour that no weight has.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "figure/canvas.h"

namespace headlight {

/// Which keys a query may look at.
struct CellMask {
    bool is_causal = true;
    int window = 0;  // keys visible to a query, itself included; 0 = all
    bool allows(int query, int key) const {
        return !is_causal || (key <= query && (window <= 0 || key > query - window));
    }
};

struct HeatCells {
    int side = 0;               // cells a side
    int tokens_per_cell = 1;    // > 1: each cell shows the largest weight of its square
    std::vector<float> values;  // [side, side]; -1 where every entry is masked
};

/// `weights` is [num_tokens, num_tokens]. Weights that are not finite count as 0.
HeatCells reduce_weights(std::span<const float> weights, int num_tokens, const CellMask& mask,
                         int most_cells);

/// Colours of the cells, [side, side].
std::vector<Rgb8> colour_cells(const HeatCells& cells, double gamma);

/// Paints cells, percentages where they fit (from 10 %), and a frame. `box` is square.
void draw_cells(Canvas& canvas, const HeatCells& cells, const Box& box, double gamma, bool shows_numbers);

/// "each cell is the largest of 4 × 4 weights", empty when cells are single weights.
std::string reduction_statement(const HeatCells& cells);

}  // namespace headlight
