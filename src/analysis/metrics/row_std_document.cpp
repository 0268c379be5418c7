// Metric of a head: row std (document).
#include "analysis/metric.h"
#include "analysis/metrics/pattern_rows.h"

namespace headlight {
namespace {

/// Standard deviation of N - 1 values with this sum and sum of squares.
double deviation(double sum, double sum_squares, double num_columns) {
    const double mean = sum / (num_columns - 1);
    return std::sqrt(std::max(0.0, sum_squares / (num_columns - 1) - mean * mean));
}

/// Columns of the whole matrix. A causal matrix is square; else the mask allows every column.
double num_columns(const HeadPattern& pattern, const RowStats& row) {
    return pattern.is_causal ? static_cast<double>(pattern.rows.size()) : row.num_keys;
}

std::optional<double> value(const HeadPattern& pattern) {
    return mean_over_rows(pattern, 1, [&](const RowStats& row, int) -> std::optional<double> {
        const double columns = num_columns(pattern, row), self = row.self;
        if (columns < 2) return std::nullopt;
        return deviation(row.row_sum - self, row.sum_squares - self * self, columns);
    });
}

std::optional<double> reference(const HeadPattern& pattern) {
    return mean_over_rows(pattern, 1, [&](const RowStats& row, int) -> std::optional<double> {
        const double columns = num_columns(pattern, row), others = row.num_keys - 1.0,
                     weight = even_weight(row);
        if (columns < 2) return std::nullopt;
        return deviation(others * weight, others * weight * weight, columns);
    });
}

}  // namespace

extern const MetricDescriptor k_metric_row_std_document = {
    .id = "row_std_document",
    .label = "row std (document)",
    .unit = "",
    .formula =
        "mean over rows of the standard deviation of the row over all N columns, its diagonal "
        "left out, masked zeros counted",
    .source = "requirement 2 as written; misleading on causal rows, see row_spread",
    .help =
        "For comparison with the document only: one-hot rows read 1/sqrt(N), a head that looks at"
        " itself reads 0.",
    .reference_label = kUniformHead,
    .kind = MetricKind::Pattern,
    .direction = MetricDirection::HigherIsSharper,
    .min = 0,
    .max = 0.5,
    .from_pattern = value,
    .reference_from_pattern = reference,
};

}  // namespace headlight
