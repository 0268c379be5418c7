// Rows of a stored matrix as the loops take them: evenly spaced runs, and numbers with their factors.
#pragma once

#include "kernel/product/product_isa.h"
#include "kernel/product/stored_matrix.h"

namespace headlight {

/// Rows at first, first + stride, ..
struct RowRun {
    const std::byte* first = nullptr;
    std::size_t stride = 0;
    int count = 0;
};
/// As many of rows [begin, begin + count) as are evenly spaced: all without a row order; the rows of half a
/// head where it undoes an interleaving.
RowRun run_of_rows(const StoredMatrix& matrix, std::int64_t begin, int count);

/// Values of columns [col, col + num_cols) of rows [begin, begin + count), both multiples of the type's
/// block: [count, num_cols] with out_stride from row to row.
void widen_part(const ProductIsa& isa, const StoredMatrix& matrix, std::int64_t begin, int count, int col,
                int num_cols, float* out, std::int64_t out_stride);

}  // namespace headlight
