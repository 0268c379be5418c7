// Metric of a head: entropy / ln T (document).
#include "analysis/metric.h"
#include "analysis/metrics/pattern_rows.h"

namespace headlight {
namespace {

/// The same divisor for every row: ln of the largest number of keys that a row of this text can have.
double divisor(const HeadPattern& pattern) {
    std::size_t columns = pattern.is_causal ? pattern.rows.size() : 0;
    for (const RowStats& row : pattern.rows)
        columns = std::max(columns, static_cast<std::size_t>(std::max(0, row.num_keys)));
    return std::log(static_cast<double>(columns));
}

std::optional<double> value(const HeadPattern& pattern) {
    const double scale = divisor(pattern);
    return mean_over_rows(pattern, 1, [&](const RowStats& row, int) -> std::optional<double> {
        if (!(scale > 0)) return std::nullopt;
        return bounded_entropy(row) / scale;
    });
}

std::optional<double> reference(const HeadPattern& pattern) {
    const double scale = divisor(pattern);
    return mean_over_rows(pattern, 1, [&](const RowStats& row, int) -> std::optional<double> {
        if (!(scale > 0)) return std::nullopt;
        return log_of_count(row.num_keys) / scale;
    });
}

}  // namespace

extern const MetricDescriptor k_metric_entropy_document = {
    .id = "entropy_document",
    .label = "entropy / ln T (document)",
    .unit = "",
    .formula = "mean over rows of H_i / ln T, the same T for every row",
    .source = "the usual script; misleading on causal rows, see entropy_normalized",
    .help =
        "For comparison with other programs only: a uniform causal head reads 0.80 at 128 tokens and 0.84 at"
        " 512, not 1.",
    .reference_label = kUniformHead,
    .kind = MetricKind::Pattern,
    .direction = MetricDirection::LowerIsSharper,
    .min = 0,
    .max = 1,
    .from_pattern = value,
    .reference_from_pattern = reference,
};

}  // namespace headlight
