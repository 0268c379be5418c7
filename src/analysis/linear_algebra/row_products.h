// Products of many rows with many rows, in blocks that stay in registers.
#pragma once

namespace headlight::kernels {

/// out[i, j] += a_i . b_j over `length` values (a multiple of four), for `a_rows` rows of `a` and `b_rows` of
/// `b`, which are `a_stride` and `b_stride` values apart.
void add_row_products(const double* a, int a_rows, long a_stride, const double* b, int b_rows, long b_stride,
                      int length, double* out, long out_stride);

}  // namespace headlight::kernels
