#include "io/checkpoint/adapter/lora_delta.h"

#include <algorithm>
#include <cmath>

namespace headlight {

void add_product(std::span<float> weight, const MatrixPlan& plan, std::span<const float> a,
                 std::span<const float> b, std::size_t rank, float scaling) {
    std::vector<float> row(plan.in);
    for (std::size_t o = 0; o < plan.out; ++o) {
        std::fill(row.begin(), row.end(), 0.0f);
        for (std::size_t r = 0; r < rank; ++r) {
            const float factor = b[o * rank + r];
            const float* const from = a.data() + r * plan.in;
            for (std::size_t i = 0; i < plan.in; ++i)
                row[i] += factor * from[i];
        }
        for (std::size_t i = 0; i < plan.in; ++i)
            weight[o * plan.out_step + i * plan.in_step] += row[i] * scaling;
    }
}

void scale_to_magnitude(std::span<float> weight, const MatrixPlan& plan, std::span<const float> magnitude) {
    for (std::size_t o = 0; o < plan.out; ++o) {
        double squares = 0;
        for (std::size_t i = 0; i < plan.in; ++i) {
            const double value = weight[o * plan.out_step + i * plan.in_step];
            squares += value * value;
        }
        const auto factor = static_cast<float>(magnitude[o] / std::sqrt(squares));
        for (std::size_t i = 0; i < plan.in; ++i)
            weight[o * plan.out_step + i * plan.in_step] *= factor;
    }
}

}  // namespace headlight
