#include "analysis/metrics/pattern_rows.h"
#include "analysis/metrics/registry.h"

namespace headlight {
namespace {

constexpr auto key_of = [](int) { return 0; };

std::optional<double> value(const HeadPattern& pattern) {
    return mean_where_key_allowed(pattern, key_of,
                                  [](const RowStats& row) { return static_cast<double>(row.first); });
}

std::optional<double> reference(const HeadPattern& pattern) {
    return mean_where_key_allowed(pattern, key_of, even_weight);
}

}  // namespace

const MetricDescriptor metric_list::first_token_mass = {
    .id = "first_token_mass",
    .label = "first token",
    .unit = "",
    .formula = "mean over rows >= 1 of a_i0",
    .source = "sink mass; Xiao et al. 2023, Gu et al. 2024",
    .help = "How much attention rests on the first token.",
    .reference_label = kUniformHead,
    .kind = MetricKind::Pattern,
    .direction = MetricDirection::Neither,
    .min = 0,
    .max = 1,
    .from_pattern = value,
    .reference_from_pattern = reference,
};

}  // namespace headlight
