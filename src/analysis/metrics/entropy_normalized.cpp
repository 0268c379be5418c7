// Metric of a head: entropy / uniform.
#include "analysis/metric.h"
#include "analysis/metrics/pattern_rows.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadPattern& pattern) {
    return mean_over_rows(pattern, kNormalizable, [&](const RowStats& row, int query) {
        return bounded_entropy(row) / even_entropy(pattern, row, query);
    });
}

}  // namespace

extern const MetricDescriptor k_metric_entropy_normalized = {
    .id = "entropy_normalized",
    .label = "entropy / uniform",
    .unit = "",
    .formula = "mean over rows with n_i >= 2 of H_i / ln n_i; between words of H_a over that of an even head",
    .source = "below 0.5 sharp, from 0.9 uniform",
    .help = "0: one key a row. 1: as even as the mask allows, at any length.",
    .reference_label = kUniformHead,
    .kind = MetricKind::Pattern,
    .direction = MetricDirection::LowerIsSharper,
    .min = 0,
    .max = 1,
    .from_pattern = value,
    .reference_from_pattern = one_where_defined<value>,
};

}  // namespace headlight
