// The table of metrics that are the mean weight of one key chosen by position.
#include "analysis/metrics/pattern_rows.h"

namespace headlight {
namespace {

int key_of_first(int) {
    return 0;
}
int key_before(int query) {
    return query - 1;
}
int key_itself(int query) {
    return query;
}

/// Cross attention has a first key, and none that is the query's own.
template <auto KeyOf>
bool is_defined(const HeadPattern& pattern) {
    return KeyOf == key_of_first || pattern.has_one_text;
}

template <auto KeyOf, auto Weight>
std::optional<double> value(const HeadPattern& pattern) {
    if (!is_defined<KeyOf>(pattern)) return std::nullopt;
    return mean_where_key_allowed(pattern, KeyOf,
                                  [](const RowStats& row) { return static_cast<double>(row.*Weight); });
}

template <auto KeyOf>
std::optional<double> reference(const HeadPattern& pattern) {
    if (!is_defined<KeyOf>(pattern)) return std::nullopt;
    return mean_where_key_allowed(pattern, KeyOf, even_weight);
}

/// A line of the table.
struct KeyMass {
    const char *id, *label, *formula, *source, *help;
    std::optional<double> (*value)(const HeadPattern& pattern);
    std::optional<double> (*reference)(const HeadPattern& pattern);
};

constexpr MetricDescriptor key_mass(const KeyMass& line) {
    return {
        .id = line.id,
        .label = line.label,
        .unit = "",
        .formula = line.formula,
        .source = line.source,
        .help = line.help,
        .reference_label = kUniformHead,
        .kind = MetricKind::Pattern,
        .direction = MetricDirection::Neither,
        .min = 0,
        .max = 1,
        .from_pattern = line.value,
        .reference_from_pattern = line.reference,
    };
}

}  // namespace

extern const MetricDescriptor k_metric_first_token_mass = key_mass({
    .id = "first_token_mass",
    .label = "first token",
    .formula = "mean over rows >= 1 of a_i0",
    .source = "sink mass; Xiao et al. 2023, Gu et al. 2024",
    .help = "How much attention rests on the first token.",
    .value = value<key_of_first, &RowStats::first>,
    .reference = reference<key_of_first>,
});
extern const MetricDescriptor k_metric_previous_mass = key_mass({
    .id = "previous_mass",
    .label = "previous token",
    .formula = "mean over rows >= 1 of a_i,i-1",
    .source = "definition as given",
    .help = "How much attention goes to the token just before.",
    .value = value<key_before, &RowStats::previous>,
    .reference = reference<key_before>,
});
extern const MetricDescriptor k_metric_self_mass = key_mass({
    .id = "self_mass",
    .label = "self",
    .formula = "mean over rows >= 1 of a_ii",
    .source = "definition as given",
    .help = "How much attention a token gives to itself.",
    .value = value<key_itself, &RowStats::self>,
    .reference = reference<key_itself>,
});

}  // namespace headlight
