// Metric of a head: softmax gate.
#include "analysis/metric.h"
#include "analysis/metrics/pattern_rows.h"
#include "analysis/patterns/row_measures.h"

namespace headlight {
namespace {

/// A softmax is over tokens.
std::optional<double> value(const HeadPattern& pattern) {
    if (pattern.has_units()) return std::nullopt;
    return mean_over_rows(pattern, kNormalizable, [](const RowStats& row, int) {
        return std::clamp(softmax_jacobian_trace(row) / (1 - even_weight(row)), 0.0, 1.0);
    });
}

}  // namespace

extern const MetricDescriptor k_metric_softmax_gate = {
    .id = "softmax_gate",
    .label = "softmax gate",
    .unit = "",
    .formula = "mean over rows of tr J / (1 - 1/n_i), tr J = 1 - sum_j a_ij^2, J = diag(a_i) - a_i a_i^T",
    .source = "Jacobian of the softmax",
    .help =
        "How much of a gradient the softmax lets through to queries and keys: 1 for even rows, 0 for rows"
        " with all weight on one key, which no longer learn.",
    .reference_label = kUniformHead,
    .kind = MetricKind::Pattern,
    .direction = MetricDirection::LowerIsSharper,
    .min = 0,
    .max = 1,
    .from_pattern = value,
    .reference_from_pattern = one_where_defined<value>,
};

}  // namespace headlight
