// Metric of a head: largest weight.
#include "analysis/metric.h"
#include "analysis/metrics/pattern_rows.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadPattern& pattern) {
    return mean_over_rows(pattern, 1,
                          [](const RowStats& row, int) { return static_cast<double>(row.max_weight); });
}

std::optional<double> reference(const HeadPattern& pattern) {
    return mean_over_rows(pattern, 1, [](const RowStats& row, int) { return even_weight(row); });
}

}  // namespace

extern const MetricDescriptor k_metric_max_weight = {
    .id = "max_weight",
    .label = "largest weight",
    .unit = "",
    .formula = "mean over rows of max_j a_ij",
    .source = "Voita et al. 2019 (confidence of a head)",
    .help = "How much of a row its favourite key gets.",
    .reference_label = kUniformHead,
    .kind = MetricKind::Pattern,
    .direction = MetricDirection::HigherIsSharper,
    .min = 0,
    .max = 1,
    .from_pattern = value,
    .reference_from_pattern = reference,
};

}  // namespace headlight
