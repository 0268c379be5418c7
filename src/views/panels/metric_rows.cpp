// The metrics panel's rows.
#include "views/panels/metric_rows.h"

#include <algorithm>
#include <cmath>

namespace headlight {

namespace {

/// Means of values and references over several heads, metric by metric; heads without a value do not count.
std::vector<MetricValue> mean_of(const std::vector<const std::vector<MetricValue>*>& lists) {
    std::vector<MetricValue> out;
    for (std::size_t i = 0; !lists.empty() && i < lists.front()->size(); ++i) {
        MetricValue mean{(*lists.front())[i].metric, {}, {}};
        double sum = 0, reference_sum = 0;
        int count = 0, num_references = 0;
        for (const std::vector<MetricValue>* list : lists) {
            const MetricValue& value = (*list)[i];
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

std::vector<MetricValue> pattern_values(const TextAnalysis& analysis, MetricScope scope,
                                        const std::vector<HeadId>& heads) {
    if (scope == MetricScope::Layer) return analysis.layers[static_cast<std::size_t>(heads.front().layer)];
    if (scope == MetricScope::Model) return analysis.model;
    std::vector<const std::vector<MetricValue>*> lists;
    for (const HeadId head : heads)
        lists.push_back(&analysis.head(head).metrics);
    return mean_of(lists);
}

std::vector<MetricValue> weight_values(const WeightAnalysis* weights, int num_heads, MetricScope scope,
                                       const std::vector<HeadId>& heads) {
    if (!weights || num_heads <= 0) return {};
    std::vector<const std::vector<MetricValue>*> lists;
    const auto add = [&](std::size_t index) {
        if (index < weights->size()) lists.push_back(&(*weights)[index]);
    };
    const auto width = static_cast<std::size_t>(num_heads);
    const auto index_of = [width](HeadId head) {
        return static_cast<std::size_t>(head.layer) * width + static_cast<std::size_t>(head.head);
    };
    const std::size_t first = scope == MetricScope::Model ? 0 : index_of({heads.front().layer, 0});
    const std::size_t end = scope == MetricScope::Model ? weights->size() : first + width;
    if (scope == MetricScope::Head) {
        for (const HeadId head : heads)
            add(index_of(head));
    } else {
        for (std::size_t index = first; index < end; ++index)
            add(index);
    }
    return mean_of(lists);
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
