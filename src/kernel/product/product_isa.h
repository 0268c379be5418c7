// The inner loops of products with stored matrices, one table per instruction set. Filled by
// product_<isa>.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernel/kernel_isa.h"
#include "kernel/product/stored_matrix.h"

namespace headlight {

/// y[m * y_stride + r] = sum_k W[r, k] x[m * x_stride + k] for `rows` rows of `row_bytes` and m < num_rows
/// <= 8.
using DotRows = void (*)(const std::byte* rows, std::size_t row_bytes, int num_weight_rows, int cols,
                         const float* x, std::int64_t x_stride, int num_rows, float* y,
                         std::int64_t y_stride);
/// out[r * out_stride + i] = W[r, begin + i], i < count; begin and count are multiples of the type's block.
using WidenRows = void (*)(const std::byte* rows, std::size_t row_bytes, int num_weight_rows, int begin,
                           int count, float* out, std::int64_t out_stride);

struct ProductIsa {
    const KernelIsa* kernel = nullptr;  // whose tiles multiply widened panels, and whose name this is
    DotRows dot[kNumStoredTypes] = {};  // null: widen and dot float32
    WidenRows widen[kNumStoredTypes] = {};
    int most_dot_rows[kNumStoredTypes] = {};  // up to here dots are faster than panels (blocks of 8 rows)
};

/// The one of `HEADLIGHT_ISA` (avx512, avx2, portable) where it is set and this machine runs it, else the
/// fastest.
const ProductIsa& product_isa();
/// All that this machine runs, fastest first; the last is the portable one.
std::span<const ProductIsa* const> product_isas();

}  // namespace headlight
