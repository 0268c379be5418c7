// Rows of activations packed for the tiles of a product, the scratch of a thread, and sums turned round.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernel/kernel_isa.h"

namespace headlight {

/// Floats of this thread, aligned to 64 bytes; valid until the next call with the same slot (0..2), whatever
/// they held before. Kept between products up to a few megabytes.
float* scratch_floats(int slot, std::size_t count);

/// x [num_rows, cols] in panels of 16 rows: element (k, row) of panel p at p * stride() + k * 16 + row, rows
/// beyond the last one zero. In the scratch of the thread that called shape().
class PackedPanels {
  public:
    void shape(int num_rows, int cols);
    int count() const { return (num_rows_ + kPanel - 1) / kPanel; }
    std::int64_t stride() const { return stride_; }
    void pack(int panel, const float* x, std::int64_t x_stride) const;
    const float* at(int panel, int k) const { return floats_ + panel * stride_ + std::int64_t{k} * kPanel; }

  private:
    float* floats_ = nullptr;
    std::int64_t stride_ = 0;
    int num_rows_ = 0, cols_ = 0;
};

/// out[m * out_stride + r] = sums[r * stride + m] + bias[r] (null: none), r < rows, m < num_rows; sums
/// readable to the next multiple of 16 of m.
void turn_sums(const float* sums, std::int64_t stride, int rows, int num_rows, const float* bias, float* out,
               std::int64_t out_stride);

}  // namespace headlight
