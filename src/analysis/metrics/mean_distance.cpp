// Metric of a head: mean distance.
#include "analysis/metric.h"
#include "analysis/metrics/pattern_rows.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadPattern& pattern) {
    if (!pattern.has_one_text) return std::nullopt;
    return mean_over_rows(pattern, 1,
                          [](const RowStats& row, int) { return static_cast<double>(row.mean_distance); });
}

std::optional<double> reference(const HeadPattern& pattern) {
    if (!pattern.has_one_text) return std::nullopt;
    return mean_over_rows(pattern, 1, [&](const RowStats&, int query) {
        const KeyRange keys = admissible_keys(pattern, query);
        return query - 0.5 * (keys.begin + keys.end - 1);
    });
}

}  // namespace

extern const MetricDescriptor k_metric_mean_distance = {
    .id = "mean_distance",
    .label = "mean distance",
    .unit = "tokens",
    .formula = "mean over rows of sum_j a_ij (i - j)",
    .source = "uniform causal head: (T - 1) / 4",
    .help = "How far back a token looks, on average.",
    .reference_label = kUniformHead,
    .kind = MetricKind::Pattern,
    .direction = MetricDirection::Neither,
    .min = 0,
    .max = kNoLimit,
    .from_pattern = value,
    .reference_from_pattern = reference,
};

}  // namespace headlight
