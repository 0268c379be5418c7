// Metric of a head: pattern effective rank.
#include <algorithm>
#include <map>
#include <mutex>

#include "analysis/metric.h"
#include "analysis/patterns/pattern_spectrum.h"
#include "analysis/weights/spectral_measures.h"

namespace headlight {
namespace {

std::optional<double> value(std::span<const float> matrix, int num_queries, int num_keys) {
    return effective_rank(pattern_singular_values(matrix, num_queries, num_keys));
}

std::optional<double> uniform_causal(int num_tokens) {
    const auto size = static_cast<std::size_t>(num_tokens);
    std::vector<float> matrix(size * size);  // [query, key]
    for (std::size_t i = 0; i < size; ++i)
        std::fill_n(matrix.begin() + static_cast<std::ptrdiff_t>(i * size), i + 1,
                    1.0f / static_cast<float>(i + 1));
    return value(matrix, num_tokens, num_tokens);
}

/// A uniform causal head is worked out once for each length; without a mask all rows are equal, which is
/// rank 1.
std::optional<double> reference(int num_queries, bool is_causal) {
    if (num_queries < 1) return std::nullopt;
    if (!is_causal) return 1.0;
    static std::mutex mutex;
    static std::map<int, std::optional<double>> known;
    const std::lock_guard lock(mutex);
    const auto [entry, is_new] = known.try_emplace(num_queries);
    if (is_new) entry->second = uniform_causal(num_queries);
    return entry->second;
}

}  // namespace

extern const MetricDescriptor k_metric_pattern_effective_rank = {
    .id = "pattern_effective_rank",
    .label = "pattern effective rank",
    .unit = "",
    .formula = "exp(-sum p ln p), p = sigma / sum sigma, sigma: all singular values of the pattern a [T, T]",
    .source = "Roy and Vetterli 2007",
    .help = "How many different rows the pattern in effect has: 1 when every token looks at the same place.",
    .reference_label = "uniform head",
    .kind = MetricKind::Matrix,
    .direction = MetricDirection::Neither,
    .min = 1,
    .max = std::numeric_limits<double>::infinity(),
    .from_matrix = value,
    .reference_from_size = reference,
};

}  // namespace headlight
