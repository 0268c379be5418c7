#include "analysis/metrics/pattern_rows.h"
#include "analysis/metrics/registry.h"

namespace headlight {
namespace {

constexpr auto key_of = [](int query) { return query - 1; };

std::optional<double> value(const HeadPattern& pattern) {
    if (!pattern.has_one_text) return std::nullopt;
    return mean_where_key_allowed(pattern, key_of,
                                  [](const RowStats& row) { return static_cast<double>(row.previous); });
}

std::optional<double> reference(const HeadPattern& pattern) {
    if (!pattern.has_one_text) return std::nullopt;
    return mean_where_key_allowed(pattern, key_of, even_weight);
}

}  // namespace

const MetricDescriptor metric_list::previous_mass = {
    .id = "previous_mass",
    .label = "previous token",
    .unit = "",
    .formula = "mean over rows >= 1 of a_i,i-1",
    .source = "definition as given",
    .help = "How much attention goes to the token just before.",
    .reference_label = kUniformHead,
    .kind = MetricKind::Pattern,
    .direction = MetricDirection::Neither,
    .min = 0,
    .max = 1,
    .from_pattern = value,
    .reference_from_pattern = reference,
};

}  // namespace headlight
