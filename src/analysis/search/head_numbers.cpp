#include "analysis/search/head_numbers.h"

namespace headlight {

std::span<const MetricValue> head_values(const HeadNumbers& numbers, HeadId head, MetricKind kind) {
    if (numbers.text == nullptr) return {};
    const std::size_t index = numbers.text->grid.index(head);
    if (kind == MetricKind::Pattern) {
        if (index >= numbers.text->heads.size()) return {};
        return numbers.text->heads[index].metrics;
    }
    const WeightAnalysis* all = kind == MetricKind::Weights ? numbers.weights : numbers.matrices;
    if (all == nullptr || index >= all->size()) return {};
    return (*all)[index];
}

std::optional<double> head_metric(const HeadNumbers& numbers, HeadId head, const MetricDescriptor& metric) {
    for (const MetricValue& value : head_values(numbers, head, metric.kind))
        if (value.metric == &metric) return value.value;
    return std::nullopt;
}

const Tag* head_tag(const HeadNumbers& numbers, HeadId head, const DetectorDescriptor& detector) {
    const std::size_t index = numbers.text != nullptr ? numbers.text->grid.index(head) : 0;
    if (numbers.text == nullptr || index >= numbers.text->heads.size()) return nullptr;
    for (const Tag& tag : numbers.text->heads[index].tags)
        if (tag.detector == &detector) return &tag;
    return nullptr;
}

bool is_head_tagged(const HeadNumbers& numbers, HeadId head, const DetectorDescriptor& detector) {
    if (numbers.is_tagged) return numbers.is_tagged(head, detector);
    const Tag* tag = head_tag(numbers, head, detector);
    return tag != nullptr && tag->score.is_tagged;
}

const Tag* strongest_tag(const HeadNumbers& numbers, HeadId head) {
    const std::size_t index = numbers.text != nullptr ? numbers.text->grid.index(head) : 0;
    if (numbers.text == nullptr || index >= numbers.text->heads.size()) return nullptr;
    const Tag* best = nullptr;
    for (const Tag& tag : numbers.text->heads[index].tags) {
        if (!tag.score.kappa) continue;
        if (best == nullptr || *tag.score.kappa > *best->score.kappa) best = &tag;
    }
    return best;
}

std::vector<MetricValue> matrix_metrics_of(const AttentionTrace& trace, HeadId head) {
    const TraceInfo& info = trace.info();
    const std::vector<float> matrix = trace.matrix(head.layer, head.head);
    if (!trace.has_units())
        return compute_matrix_metrics(matrix, info.num_queries, info.num_keys, info.is_causal);
    std::vector<float> even(matrix.size());
    trace.even_rows(head.layer, 0, info.num_queries, even);
    return compute_unit_matrix_metrics(matrix, even, info.num_queries, info.num_keys);
}

Result<WeightAnalysis> analyze_matrices(const AttentionTrace& trace, const JobContext& job) {
    const TraceInfo& info = trace.info();
    if (info.num_queries > kMostMatrixMetricTokens)
        return fail(ErrorKind::Unsupported,
                    "metrics of the whole pattern are measured up to {} tokens, the text has {}",
                    kMostMatrixMetricTokens, info.num_queries);
    WeightAnalysis out(trace.grid().size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "measuring whole patterns was stopped");
        const HeadId head = trace.grid().at(i);
        job.report({"measuring whole patterns", static_cast<double>(i) / static_cast<double>(out.size()),
                    head.to_string()});
        if (trace.is_absent(head.layer)) continue;
        out[i] = matrix_metrics_of(trace, head);
    }
    return out;
}

}  // namespace headlight
