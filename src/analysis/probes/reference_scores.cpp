#include "analysis/probes/reference_scores.h"

#include <cmath>
#include <cstddef>

namespace headlight {

std::optional<double> reference_score(std::span<const float> weights, std::span<const float> pattern,
                                      int num_tokens, const ReferenceOptions& options) {
    const auto size = static_cast<std::size_t>(num_tokens);
    if (num_tokens < 1 || weights.size() != size * size || pattern.size() != size * size) return std::nullopt;
    double on_pattern = 0, total = 0, difference = 0;
    for (std::size_t query = 0; query < size; ++query) {
        for (std::size_t key = 0; key < size; ++key) {
            if (options.excludes_first && key == 0) continue;
            if (options.excludes_self && key == query) continue;
            const double weight = weights[query * size + key], wanted = pattern[query * size + key];
            on_pattern += weight * wanted;
            total += weight;
            difference += std::abs(weight - wanted);
        }
    }
    if (options.measure == ReferenceMeasure::Abs) return 1.0 - difference / static_cast<double>(size);
    if (!(total > 0)) return std::nullopt;
    return on_pattern / total;
}

}  // namespace headlight
