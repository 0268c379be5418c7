// Metric of a head: sink alpha.
#include "analysis/metric.h"
#include "analysis/metrics/pattern_rows.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadPattern& pattern) {
    return mean_over_rows(pattern, 1,
                          [](const RowStats& row, int) { return static_cast<double>(row.first); });
}

std::optional<double> reference(const HeadPattern& pattern) {
    return mean_over_rows(pattern, 1, [&](const RowStats& row, int query) {
        return is_admissible(pattern, query, 0) ? even_weight(row) : 0.0;
    });
}

}  // namespace

extern const MetricDescriptor k_metric_sink_alpha = {
    .id = "sink_alpha",
    .label = "sink alpha",
    .unit = "",
    .formula = "alpha_1 = (1/T) sum_i a_i0, row 0 included",
    .source = "Gu et al. 2024; a head is a sink from 0.3 at T = 64",
    .help = "Attention on the first token as the sink literature counts it.",
    .reference_label = kUniformHead,
    .kind = MetricKind::Pattern,
    .direction = MetricDirection::Neither,
    .min = 0,
    .max = 1,
    .from_pattern = value,
    .reference_from_pattern = reference,
};

}  // namespace headlight
