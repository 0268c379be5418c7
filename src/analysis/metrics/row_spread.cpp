// Metric of a head: row spread.
#include "analysis/metric.h"
#include "analysis/metrics/pattern_rows.h"

namespace headlight {
namespace {

std::optional<double> value(const HeadPattern& pattern) {
    return mean_over_rows(pattern, kNormalizable, [](const RowStats& row, int) {
        const double keys = row.num_keys;
        return std::sqrt(std::clamp((keys * row.sum_squares - 1) / (keys - 1), 0.0, 1.0));
    });
}

}  // namespace

extern const MetricDescriptor k_metric_row_spread = {
    .id = "row_spread",
    .label = "row spread",
    .unit = "",
    .formula = "mean over rows with n_i >= 2 of rho_i = sqrt((n_i sum_j a_ij^2 - 1) / (n_i - 1))",
    .source = "from 0.5 sharp, below 0.2 uniform",
    .help = "Standard deviation of a row over the largest it could have. 0: even, 1: one key.",
    .reference_label = kUniformHead,
    .kind = MetricKind::Pattern,
    .direction = MetricDirection::HigherIsSharper,
    .min = 0,
    .max = 1,
    .from_pattern = value,
    .reference_from_pattern = zero_where_defined<value>,
};

}  // namespace headlight
