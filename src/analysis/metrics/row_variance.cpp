// Metric of a head: row variance.
#include "analysis/metric.h"
#include "analysis/metrics/pattern_rows.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadPattern& pattern) {
    return mean_over_rows(pattern, 1, [](const RowStats& row, int) {
        const double mean = even_weight(row);
        return std::max(0.0, mean * row.sum_squares - mean * mean);
    });
}

}  // namespace

extern const MetricDescriptor k_metric_row_variance = {
    .id = "row_variance",
    .label = "row variance",
    .unit = "",
    .formula = "mean over rows of (1/n_i) sum_j a_ij^2 - 1/n_i^2",
    .source = "attn_variance, reading (a)",
    .help =
        "Variance of the weights in a row. Low: nearly even. Shrinks with the length, unlike row "
        "spread.",
    .reference_label = kUniformHead,
    .kind = MetricKind::Pattern,
    .direction = MetricDirection::HigherIsSharper,
    .min = 0,
    .max = 0.25,
    .from_pattern = value,
    .reference_from_pattern = zero_where_defined<value>,
};

}  // namespace headlight
