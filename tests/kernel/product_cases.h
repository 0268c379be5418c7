// Products with stored matrices beside the same in double precision.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernel/product/product.h"
#include "kernel/stored_numbers.h"

namespace headlight::test {

struct MatrixShape {
    std::int64_t rows = 1, cols = 1;
    int lead = 0;  // bytes before the first row: where it starts is aligned to nothing
    int gap = 0;   // bytes between rows
    bool is_reordered = false;
    int scale_rows = 0, scale_cols = 0;  // of a block with a scale beside the numbers; 0: none
};

/// A matrix of random weights and what it holds, [rows, cols]. The bytes belong to `matrix.owner`.
struct MadeMatrix {
    StoredMatrix matrix;
    std::vector<float> numbers;
};
MadeMatrix make_matrix(StoredType type, const MatrixShape& shape, Random& random);

std::vector<float> normal_numbers(std::size_t count, Random& random);

/// x W^T + bias in double, [num_rows, rows], and of each the root of the sum of its squared parts.
struct ExactProduct {
    std::vector<double> values, sizes;
};
ExactProduct exact_product(const MadeMatrix& made, const float* bias, const float* x, std::int64_t x_stride,
                           int num_rows);
/// Largest error of `out` in units of those sizes; 1e30 where a value is no number.
double product_error(const ExactProduct& exact, std::int64_t cols, const float* out, std::int64_t out_stride,
                     int num_rows);

/// Threads that take the next index as they get free.
ProductThreads test_threads(int num_threads);

}  // namespace headlight::test
