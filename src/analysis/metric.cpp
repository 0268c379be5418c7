// The metric registry and the loops over it.
#include "analysis/metric.h"

#include "base/registry.h"

namespace headlight {

#define HEADLIGHT_METRIC(name, ...) extern const MetricDescriptor k_metric_##name;
#include "analysis/metrics/metrics.def"
#undef HEADLIGHT_METRIC

std::span<const MetricDescriptor* const> metrics() {
    static constexpr const MetricDescriptor* kAll[] = {
#define HEADLIGHT_METRIC(name, ...) &k_metric_##name,
#include "analysis/metrics/metrics.def"
#undef HEADLIGHT_METRIC
    };
    return kAll;
}

const MetricDescriptor* find_metric(std::string_view id) {
    return find_entry(metrics(), id);
}

HeadPattern head_pattern(const TraceInfo& info, int layer, std::span<const RowStats> rows) {
    const int window = info.window.empty() ? 0 : info.window[static_cast<std::size_t>(layer)];
    return {rows, info.is_causal, window, info.kind != AttentionKind::Cross, {}, {}, {}};
}

std::vector<MetricValue> compute_pattern_metrics(const HeadPattern& pattern) {
    std::vector<MetricValue> values;
    for (const MetricDescriptor* metric : metrics()) {
        if (metric->kind != MetricKind::Pattern) continue;
        if (metric->needs_pair && !pattern.sentences.is_pair()) continue;
        values.push_back({metric, metric->from_pattern(pattern),
                          pattern.has_units() ? metric->from_pattern(pattern.of_even())
                                              : metric->reference_from_pattern(pattern)});
    }
    return values;
}

std::vector<MetricValue> compute_matrix_metrics(std::span<const float> matrix, int num_queries, int num_keys,
                                                bool is_causal) {
    std::vector<MetricValue> values;
    for (const MetricDescriptor* metric : metrics()) {
        if (metric->kind != MetricKind::Matrix) continue;
        values.push_back({metric, metric->from_matrix(matrix, num_queries, num_keys),
                          metric->reference_from_size(num_queries, is_causal)});
    }
    return values;
}

std::vector<MetricValue> compute_unit_matrix_metrics(std::span<const float> matrix,
                                                     std::span<const float> even, int num_queries,
                                                     int num_keys) {
    std::vector<MetricValue> values;
    for (const MetricDescriptor* metric : metrics()) {
        if (metric->kind != MetricKind::Matrix) continue;
        values.push_back({metric, metric->from_matrix(matrix, num_queries, num_keys),
                          metric->from_matrix(even, num_queries, num_keys)});
    }
    return values;
}

std::vector<MetricValue> compute_weight_metrics(const HeadSpectrum& spectrum, int hidden_size, int head_dim) {
    std::vector<MetricValue> values;
    for (const MetricDescriptor* metric : metrics()) {
        if (metric->kind != MetricKind::Weights) continue;
        values.push_back(
            {metric, metric->from_spectrum(spectrum), metric->reference_from_shape(hidden_size, head_dim)});
    }
    return values;
}

}  // namespace headlight
