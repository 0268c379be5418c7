// The matrix of a layer and the tags of a head.
#include "report/analysis/analysis_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/patterns/tile_map.h"

namespace headlight {

std::vector<HeadId> report_heads(const AnalyzedRun& run, const ReportScope& scope, int layer) {
    if (scope.head) return {{layer, *scope.head}};
    std::vector<HeadId> heads;
    for (int head = 0; head < run.trace->num_heads(); ++head)
        heads.push_back({layer, head});
    return heads;
}

void for_each_row(const AnalyzedRun& run, const std::vector<HeadId>& heads, const RowBody& body) {
    constexpr int kRows = 64;
    const AttentionTrace& trace = run.shown_trace();
    const auto num_keys = static_cast<std::size_t>(trace.num_keys());
    std::vector<float> rows(kRows * num_keys), room;
    for (int begin = 0; begin < trace.num_queries(); begin += kRows) {
        const int end = std::min(begin + kRows, trace.num_queries());
        mean_rows(trace, heads, begin, end, rows, room);
        for (int query = begin; query < end; ++query)
            body(query,
                 std::span(rows).subspan(static_cast<std::size_t>(query - begin) * num_keys, num_keys));
    }
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
