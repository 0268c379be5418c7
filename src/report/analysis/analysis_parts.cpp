// The matrix of a layer and the tags of a head.
#include "report/analysis/analysis_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace headlight {

std::vector<float> report_matrix(const AnalyzedRun& run, const ReportScope& scope, int layer) {
    if (scope.head) return run.shown_trace().matrix(layer, *scope.head);
    if (!run.shown || run.shown->weights() != WeightsShown::NoSink)
        return mean_matrix_of_layer(run.shown_trace(), layer);
    // The mean over the heads that do not rest there.
    const auto num_keys = static_cast<std::size_t>(run.trace->num_keys());
    std::vector<float> mean(static_cast<std::size_t>(run.trace->num_queries()) * num_keys, 0.0f);
    std::vector<int> counts(static_cast<std::size_t>(run.trace->num_queries()), 0);
    for (int head = 0; head < run.trace->num_heads(); ++head) {
        const std::vector<float> matrix = run.shown->matrix(layer, head);
        const auto rest = run.shown->rest(layer, head);
        for (std::size_t row = 0; row < counts.size(); ++row)
            counts[row] += rest[row].state == RowRest::Shown ? 1 : 0;
        for (std::size_t i = 0; i < mean.size(); ++i)
            mean[i] += matrix[i];
    }
    for (std::size_t i = 0; i < mean.size(); ++i)
        mean[i] /= static_cast<float>(std::max(1, counts[i / num_keys]));
    return mean;
}

std::vector<KeyWeight> report_keys(const AnalyzedRun& run, std::span<const float> row, int layer, int query,
                                   int count) {
    const KeyRange range = run.trace->admissible(layer, query);
    if (!run.shown) return top_keys(row, range, count);
    std::vector<float> sizes;
    for (const float value : row)
        sizes.push_back(std::abs(value));
    std::vector<KeyWeight> keys = top_keys(sizes, range, count);
    for (KeyWeight& key : keys)
        key.weight = row[static_cast<std::size_t>(key.key)];
    std::erase_if(keys, [](const KeyWeight& key) { return key.weight == 0; });
    return keys;
}

std::string shown_number(const AnalyzedRun& run, double value) {
    const WeightsShown weights = run.shown ? run.shown->weights() : WeightsShown::Raw;
    if (weights == WeightsShown::Effect) return fmt::format("effect: {:+.3f}", value);
    const bool is_length = weights == WeightsShown::Value || weights == WeightsShown::Norm;
    return fmt::format("{}: {:.3f}", is_length ? "length" : "weight", value);
}

std::string tag_summary(const AnalyzedRun& run, HeadId id) {
    std::vector<const Tag*> tags;
    for (const Tag& tag : run.analysis.head(id).tags) {
        if (tag.score.is_tagged) tags.push_back(&tag);
    }
    std::stable_sort(tags.begin(), tags.end(), [](const Tag* a, const Tag* b) {
        return a->score.kappa.value_or(0) > b->score.kappa.value_or(0);
    });
    std::string out;
    for (const Tag* tag : tags) {
        out += fmt::format("{}{} {:.2f}", out.empty() ? "" : ", ", in_units(tag->detector->label, run.unit()),
                           tag->score.score.value_or(0));
    }
    return out;
}

}  // namespace headlight
