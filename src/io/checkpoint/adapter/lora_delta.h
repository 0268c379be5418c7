// The arithmetic of LoRA and DoRA on matrices in memory.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace headlight {

/// Where the numbers of output o and input i lie: at o * out_step + i * in_step.
struct MatrixPlan {
    std::size_t out = 0, in = 0;
    std::size_t out_step = 0, in_step = 0;
};

/// weight += scaling * B A in place. `a`: [rank, in], `b`: [out, rank], row after row.
void add_product(std::span<float> weight, const MatrixPlan& plan, std::span<const float> a,
                 std::span<const float> b, std::size_t rank, float scaling);

/// Scales the numbers of each output to the length magnitude[o] (L2 norm over inputs).
void scale_to_magnitude(std::span<float> weight, const MatrixPlan& plan, std::span<const float> magnitude);

}  // namespace headlight
