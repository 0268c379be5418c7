// Metric of a head: KL from uniform.
#include "analysis/metric.h"
#include "analysis/metrics/pattern_rows.h"

namespace headlight {
namespace {

/// Between units the distance is to rows that are not even, which takes more than the entropies.
std::optional<double> value(const HeadPattern& pattern) {
    if (pattern.has_units()) return std::nullopt;
    return mean_over_rows(pattern, 1, [](const RowStats& row, int) {
        return log_of_count(row.num_keys) - bounded_entropy(row);
    });
}

}  // namespace

extern const MetricDescriptor k_metric_kl_from_uniform = {
    .id = "kl_from_uniform",
    .label = "KL from uniform",
    .unit = "nats",
    .formula = "mean over rows of KL(a_i || u_i) = ln n_i - H_i",
    .source = "definition as given",
    .help = "How far a row is from even, in nats.",
    .reference_label = kUniformHead,
    .kind = MetricKind::Pattern,
    .direction = MetricDirection::HigherIsSharper,
    .min = 0,
    .max = kNoLimit,
    .from_pattern = value,
    .reference_from_pattern = zero_where_defined<value>,
};

}  // namespace headlight
