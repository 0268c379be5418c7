#include "kernel/product/matrix_rows.h"

#include <algorithm>

namespace headlight {
namespace {

/// Multiplies the numbers of stored row `row` in columns [col, col + num_cols) with their factors.
void apply_scales(const ProductIsa& isa, const StoredScales& scales, std::int64_t row, int col, int num_cols,
                  float* numbers) {
    const std::int64_t grid_row = (scales.first_row + row) / scales.block_rows;
    const float* factors = scales.values->data() + grid_row * scales.grid_cols;
    for (std::int64_t at = col; at < col + num_cols;) {
        const std::int64_t block = at / scales.block_cols;
        const std::int64_t end = std::min<std::int64_t>((block + 1) * scales.block_cols, col + num_cols);
        isa.kernel->scale(numbers + (at - col), factors[block], numbers + (at - col), end - at);
        at = end;
    }
}

}  // namespace

RowRun run_of_rows(const StoredMatrix& matrix, std::int64_t begin, int count) {
    if (!matrix.row_order) return {matrix.row(begin), matrix.row_bytes, count};
    const std::int64_t first = matrix.stored_row(begin);
    const std::int64_t step = count > 1 ? matrix.stored_row(begin + 1) - first : 0;
    if (step <= 0) return {matrix.row(begin), matrix.row_bytes, 1};
    int even = 2;
    while (even < count && matrix.stored_row(begin + even) == first + even * step)
        ++even;
    return {matrix.row(begin), matrix.row_bytes * static_cast<std::size_t>(step), even};
}

void widen_part(const ProductIsa& isa, const StoredMatrix& matrix, std::int64_t begin, int count, int col,
                int num_cols, float* out, std::int64_t out_stride) {
    const WidenRows widen = isa.widen[static_cast<std::size_t>(matrix.type)];
    for (int done = 0; done < count;) {
        const RowRun run = run_of_rows(matrix, begin + done, count - done);
        widen(run.first, run.stride, run.count, col, num_cols, out + done * out_stride, out_stride);
        done += run.count;
    }
    if (!matrix.scales) return;
    for (int i = 0; i < count; ++i)
        apply_scales(isa, *matrix.scales, matrix.stored_row(begin + i), col, num_cols, out + i * out_stride);
}

}  // namespace headlight
