// The metrics panel's rows.
#include "views/panels/metric_rows.h"

#include <algorithm>
#include <cmath>

namespace headlight {

namespace {

/// Means of values and references over several heads, metric by metric; heads without a value do not count.
std::vector<MetricValue> mean_of(const WeightAnalysis& weights, std::size_t begin, std::size_t end) {
    std::vector<MetricValue> out;
    if (begin >= end || end > weights.size()) return out;
    for (std::size_t i = 0; i < weights[begin].size(); ++i) {
        MetricValue mean{weights[begin][i].metric, {}, {}};
        double sum = 0, reference_sum = 0;
        int count = 0, num_references = 0;
        for (std::size_t head = begin; head < end; ++head) {
            const MetricValue& value = weights[head][i];
            if (value.value) sum += *value.value, ++count;
            if (value.reference) reference_sum += *value.reference, ++num_references;
        }
        if (count > 0) mean.value = sum / count;
        if (num_references > 0) mean.reference = reference_sum / num_references;
        out.push_back(mean);
    }
    return out;
}

}  // namespace

MetricScope metric_scope(const std::string& name) {
    if (name == "layer") return MetricScope::Layer;
    return name == "model" ? MetricScope::Model : MetricScope::Head;
}

const std::vector<MetricValue>& pattern_values(const TextAnalysis& analysis, MetricScope scope, HeadId head) {
    if (scope == MetricScope::Layer) return analysis.layers[static_cast<std::size_t>(head.layer)];
    return scope == MetricScope::Model ? analysis.model : analysis.head(head).metrics;
}

std::vector<MetricValue> weight_values(const WeightAnalysis* weights, int num_heads, MetricScope scope,
                                       HeadId head) {
    if (!weights || num_heads <= 0) return {};
    const HeadGrid grid{head.layer + 1, num_heads};  // up to the head's layer
    const std::size_t index = grid.index(head);
    if (index >= weights->size()) return {};
    if (scope == MetricScope::Head) return (*weights)[index];
    if (scope == MetricScope::Layer) return mean_of(*weights, grid.index({head.layer, 0}), grid.size());
    return mean_of(*weights, 0, weights->size());
}

void MetricRanges::add(const std::vector<MetricValue>& values) {
    for (const MetricValue& value : values) {
        double& largest = largest_[value.metric];
        for (const auto& number : {value.value, value.reference}) {
            if (number && std::isfinite(*number)) largest = std::max(largest, *number);
        }
    }
}

double MetricRanges::fraction(const MetricDescriptor& metric, const std::optional<double>& value) const {
    if (!value || !std::isfinite(*value)) return -1;
    double top = metric.max;
    if (!std::isfinite(top)) {
        const auto found = largest_.find(&metric);
        top = found == largest_.end() ? *value : found->second;
    }
    const double bottom = std::isfinite(metric.min) ? metric.min : 0;
    if (top <= bottom) return 0;
    return std::clamp((*value - bottom) / (top - bottom), 0.0, 1.0);
}

}  // namespace headlight
