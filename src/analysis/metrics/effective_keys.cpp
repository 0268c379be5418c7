// Metric of a head: effective keys.
#include "analysis/metric.h"
#include "analysis/metrics/pattern_rows.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadPattern& pattern) {
    return mean_over_rows(pattern, 1,
                          [](const RowStats& row, int) { return std::exp(bounded_entropy(row)); });
}

std::optional<double> reference(const HeadPattern& pattern) {
    return mean_over_rows(pattern, 1,
                          [](const RowStats& row, int) { return static_cast<double>(row.num_keys); });
}

}  // namespace

extern const MetricDescriptor k_metric_effective_keys = {
    .id = "effective_keys",
    .label = "effective keys",
    .unit = "keys",
    .formula = "mean over rows of exp(H_i)",
    .source = "perplexity of a row",
    .help = "How many keys a row in effect looks at.",
    .reference_label = kUniformHead,
    .kind = MetricKind::Pattern,
    .direction = MetricDirection::LowerIsSharper,
    .min = 1,
    .max = kNoLimit,
    .from_pattern = value,
    .reference_from_pattern = reference,
};

}  // namespace headlight
