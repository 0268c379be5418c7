// One matrix of attention as coloured cells: reduced by maximum when there are more weights than room, masked
// entries in a colour that no weight has.
#pragma once

#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "figure/canvas.h"

namespace headlight {

/// Which keys a query may look at.
struct CellMask {
    bool is_causal = true;
    int window = 0;  // 0 = all; causal: keys visible to a query, itself included; otherwise to either side
    bool allows(int query, int key) const {
        if (is_causal) return key <= query && (window <= 0 || key > query - window);
        return window <= 0 || std::abs(query - key) <= window;
    }
};

struct HeatCells {
    int rows = 0, cols = 0;  // cells down and across
    int num_queries = 0, num_keys = 0;
    int tokens_per_cell = 1;    // > 1: each cell shows the largest weight of its square
    std::vector<float> values;  // [rows, cols]; -1 where every entry is masked
    double top = 1;             // weight of the last colour
    int row_slots() const { return rows * tokens_per_cell; }  // tokens, rounded up to whole cells
    int col_slots() const { return cols * tokens_per_cell; }
};

/// `weights` is [num_queries, num_keys]; no side gets more than `most_cells`. Weights that are not finite
/// count as 0.
HeatCells reduce_weights(std::span<const float> weights, int num_queries, int num_keys, const CellMask& mask,
                         int most_cells);

/// The last colour stands for 1, or for the largest weight of the cells, as the style says.
void set_top(HeatCells& cells, FigureRange range);

/// Colours of the cells, [rows, cols].
std::vector<Rgb8> colour_cells(const HeatCells& cells, double gamma);

/// Paints cells, percentages where they fit (from 10 %), and a frame. Cells of `box` are square.
void draw_cells(Canvas& canvas, const HeatCells& cells, const Box& box, const FigureStyle& style);

/// Lines across a cell that has no value.
void hatch_cell(Canvas& canvas, const Box& cell, const LineStyle& line);

/// Outlines what a sliding window lets queries see, row by row; nothing without a window that hides
/// something.
void draw_window_band(Canvas& canvas, const HeatCells& cells, const Box& box, const CellMask& mask);

/// "outlined: sliding window of 16 keys", or "of 8 tokens to either side"; empty where no window hides
/// anything.
std::string window_statement(const HeatCells& cells, const CellMask& mask);

/// "each cell is the largest of 4 × 4 weights", empty when cells are single weights.
std::string reduction_statement(const HeatCells& cells);

}  // namespace headlight
