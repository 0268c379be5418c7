// Metric of a head: entropy without sink.
#include "analysis/metric.h"
#include "analysis/metrics/pattern_rows.h"

namespace headlight {
namespace {

/// Rows that keep less than this outside the first token rest on it.
constexpr double kRestingBelow = 0.05;

/// H' = (H + a_0 ln a_0) / r + ln r with r = 1 - a_0: the entropy of the row without its first key,
/// renormalised.
double entropy_of_rest(const RowStats& row) {
    const double first = row.first, rest = 1 - first;
    const double first_part = first > 0 ? first * std::log(first) : 0.0;
    return (row.entropy + first_part) / rest + std::log(rest);
}

std::optional<double> row_value(const HeadPattern& pattern, const RowStats& row, int query) {
    if (1 - row.first < kRestingBelow || row.num_keys < 3) return std::nullopt;
    const double entropy = entropy_of_rest(row);
    if (!pattern.has_units()) return std::clamp(entropy / log_of_count(row.num_keys - 1), 0.0, 1.0);
    const RowStats& even = pattern.even[static_cast<std::size_t>(query)];
    return std::max(0.0, entropy) / entropy_of_rest(even);
}

/// A window that no longer holds the first token has nothing to drop.
std::optional<double> value(const HeadPattern& pattern) {
    return mean_over_rows(pattern, kNormalizable,
                          [&](const RowStats& row, int query) -> std::optional<double> {
                              if (is_admissible(pattern, query, 0)) return row_value(pattern, row, query);
                              return bounded_entropy(row) / even_entropy(pattern, row, query);
                          });
}

/// An even row stays even without its first key.
std::optional<double> reference(const HeadPattern& pattern) {
    return mean_over_rows(pattern, kNormalizable,
                          [&](const RowStats& row, int query) -> std::optional<double> {
                              if (is_admissible(pattern, query, 0) && row.num_keys < 3) return std::nullopt;
                              return 1.0;
                          });
}

}  // namespace

extern const MetricDescriptor k_metric_entropy_without_sink = {
    .id = "entropy_without_sink",
    .label = "entropy without sink",
    .unit = "",
    .formula =
        "mean over rows of H(a_ij / (1 - a_i0), j >= 1) / ln(n_i - 1); rows with 1 - a_i0 < 0.05 "
        "or n_i < 3 are left out",
    .source = "definition as given",
    .help =
        "Evenness of what is not spent on the first token: a head that rests there only looks "
        "sharp without this.",
    .reference_label = kUniformHead,
    .kind = MetricKind::Pattern,
    .direction = MetricDirection::LowerIsSharper,
    .min = 0,
    .max = 1,
    .from_pattern = value,
    .reference_from_pattern = reference,
};

}  // namespace headlight
