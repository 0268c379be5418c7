#include "analysis/compare/metric_change.h"

namespace headlight {
namespace {

/// Rows of a head; those that are not compared are invalid, so that no metric counts them.
std::vector<RowStats> compared_rows(const AttentionTrace& trace, HeadId head, const RunAlignment& alignment,
                                    bool is_a) {
    std::vector<RowStats> rows(static_cast<std::size_t>(trace.num_queries())), kept(rows.size());
    trace.row_stats(head.layer, head.head, rows);
    for (const auto& [a, b] : alignment.queries.pairs) {
        const auto row = static_cast<std::size_t>(is_a ? a : b);
        if (alignment.counts(a)) kept[row] = rows[row];
    }
    return kept;
}

}  // namespace

std::vector<MetricChange> compare_metrics(const AttentionTrace& a, const AttentionTrace& b,
                                          const RunAlignment& alignment, HeadPair heads) {
    const std::vector<RowStats> rows_a = compared_rows(a, heads.a, alignment, true),
                                rows_b = compared_rows(b, heads.b, alignment, false);
    const auto values_a = compute_pattern_metrics(head_pattern(a.info(), heads.a.layer, rows_a)),
               values_b = compute_pattern_metrics(head_pattern(b.info(), heads.b.layer, rows_b));
    std::vector<MetricChange> out;
    for (std::size_t i = 0; i < values_a.size(); ++i)
        out.push_back({values_a[i].metric, values_a[i].value, values_b[i].value});
    return out;
}

std::vector<MetricChange> mean_changes(std::span<const std::vector<MetricChange>> heads) {
    std::vector<MetricChange> out;
    for (std::size_t m = 0; !heads.empty() && m < heads.front().size(); ++m) {
        double a = 0, b = 0;
        int count = 0;
        for (const std::vector<MetricChange>& head : heads) {
            if (!head[m].difference()) continue;
            a += *head[m].a;
            b += *head[m].b;
            ++count;
        }
        MetricChange mean{heads.front()[m].metric, std::nullopt, std::nullopt};
        if (count > 0) mean.a = a / count, mean.b = b / count;
        out.push_back(mean);
    }
    return out;
}

}  // namespace headlight
