// Metric of a head: entropy.
#include "analysis/metric.h"
#include "analysis/metrics/pattern_rows.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadPattern& pattern) {
    return mean_over_rows(pattern, 1, [](const RowStats& row, int) { return bounded_entropy(row); });
}

std::optional<double> reference(const HeadPattern& pattern) {
    return mean_over_rows(pattern, 1, [](const RowStats& row, int) { return log_of_count(row.num_keys); });
}

}  // namespace

extern const MetricDescriptor k_metric_entropy = {
    .id = "entropy",
    .label = "entropy",
    .unit = "nats",
    .formula = "mean over rows of H_i = -sum_j a_ij ln a_ij",
    .source = "Shannon 1948",
    .help = "Low: rows rest on few keys. High: they spread over many.",
    .reference_label = kUniformHead,
    .kind = MetricKind::Pattern,
    .direction = MetricDirection::LowerIsSharper,
    .min = 0,
    .max = kNoLimit,
    .from_pattern = value,
    .reference_from_pattern = reference,
};

}  // namespace headlight
