// Metric of a head: resting rows.
#include "analysis/metric.h"
#include "analysis/metrics/pattern_rows.h"

namespace headlight {
namespace {

/// Rows that keep less than this outside the first token rest on it.
constexpr double kRestingBelow = 0.05;

std::optional<double> value(const HeadPattern& pattern) {
    return mean_over_rows(pattern, kNormalizable,
                          [&](const RowStats& row, int query) -> std::optional<double> {
                              if (!is_admissible(pattern, query, 0)) return std::nullopt;
                              return 1 - row.first < kRestingBelow ? 1.0 : 0.0;
                          });
}

}  // namespace

extern const MetricDescriptor k_metric_resting_share = {
    .id = "resting_share",
    .label = "resting rows",
    .unit = "",
    .formula = "share of rows with n_i >= 2 and 1 - a_i0 < 0.05",
    .source = "definition as given",
    .help = "How often the head does nothing but rest on the first token.",
    .reference_label = kUniformHead,
    .kind = MetricKind::Pattern,
    .direction = MetricDirection::Neither,
    .min = 0,
    .max = 1,
    .from_pattern = value,
    .reference_from_pattern = zero_where_defined<value>,
};

}  // namespace headlight
