#include "analysis/metrics/pattern_rows.h"
#include "analysis/metrics/registry.h"

namespace headlight {
namespace {

constexpr auto key_of = [](int query) { return query; };

std::optional<double> value(const HeadPattern& pattern) {
    if (!pattern.has_one_text) return std::nullopt;
    return mean_where_key_allowed(pattern, key_of,
                                  [](const RowStats& row) { return static_cast<double>(row.self); });
}

std::optional<double> reference(const HeadPattern& pattern) {
    if (!pattern.has_one_text) return std::nullopt;
    return mean_where_key_allowed(pattern, key_of, even_weight);
}

}  // namespace

const MetricDescriptor metric_list::self_mass = {
    .id = "self_mass",
    .label = "self",
    .unit = "",
    .formula = "mean over rows >= 1 of a_ii",
    .source = "definition as given",
    .help = "How much attention a token gives to itself.",
    .reference_label = kUniformHead,
    .kind = MetricKind::Pattern,
    .direction = MetricDirection::Neither,
    .min = 0,
    .max = 1,
    .from_pattern = value,
    .reference_from_pattern = reference,
};

}  // namespace headlight
