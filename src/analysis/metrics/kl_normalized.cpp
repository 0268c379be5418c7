// Metric of a head: KL from uniform / ln n.
#include "analysis/metric.h"
#include "analysis/metrics/pattern_rows.h"

namespace headlight {
namespace {

/// Between units the distance is to rows that are not even, which takes more than the entropies.
std::optional<double> value(const HeadPattern& pattern) {
    if (pattern.has_units()) return std::nullopt;
    return mean_over_rows(pattern, kNormalizable, [](const RowStats& row, int) {
        return 1 - bounded_entropy(row) / log_of_count(row.num_keys);
    });
}

}  // namespace

extern const MetricDescriptor k_metric_kl_normalized = {
    .id = "kl_normalized",
    .label = "KL from uniform / ln n",
    .unit = "",
    .formula = "mean over rows of KL(a_i || u_i) / ln n_i = 1 - H_i / ln n_i",
    .source = "definition as given",
    .help = "How far a row is from even on a scale of 0 to 1, whatever its length.",
    .reference_label = kUniformHead,
    .kind = MetricKind::Pattern,
    .direction = MetricDirection::HigherIsSharper,
    .min = 0,
    .max = 1,
    .from_pattern = value,
    .reference_from_pattern = zero_where_defined<value>,
};

}  // namespace headlight
