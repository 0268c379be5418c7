#include "report/analysis/sink_report.h"

#include <fmt/format.h>

#include "core/cause/weighted_trace.h"

namespace headlight {
namespace {

bool is_resting(const HeadAnalysis& head) {
    for (const MetricValue& metric : head.metrics) {
        if (metric.metric->id == std::string_view("first_token_mass"))
            return metric.value && *metric.value > kRestingMass;
    }
    return false;
}

const std::string& first_key(const AnalyzedRun& run) {
    return run.keys().tokens.front().display;
}

}  // namespace

int num_resting_heads(const AnalyzedRun& run, const ReportScope& scope, int layer) {
    if (scope.head) return is_resting(run.analysis.head({layer, *scope.head})) ? 1 : 0;
    int count = 0;
    for (int head = 0; head < run.trace->num_heads(); ++head)
        count += is_resting(run.analysis.head({layer, head})) ? 1 : 0;
    return count;
}

std::string resting_line(const AnalyzedRun& run, const ReportScope& scope, int layer) {
    const int count = num_resting_heads(run, scope, layer);
    if (count == 0) return {};
    const std::string who = scope.head ? fmt::format("head {} rests", *scope.head)
                                       : fmt::format("{} of {} heads rest", count, run.trace->num_heads());
    return fmt::format(
        "  {} on the first key '{}' (more than half of their mass); under each list what is left without "
        "it\n",
        who, first_key(run));
}

std::string rest_of_row(const AnalyzedRun& run, const ReportScope& scope, int layer, int query,
                        std::span<const float> row) {
    const KeyRange keys = run.trace->admissible(layer, query);
    if (keys.begin > 0 || keys.count() < 2) return {};
    double left = 0;
    for (int key = 1; key < keys.end; ++key)
        left += row[static_cast<std::size_t>(key)];
    std::string out = fmt::format("    without '{}' ({:.2f}): ", first_key(run), row[0]);
    if (left < static_cast<double>(kLeastRest)) return out + "the row rests\n";
    bool is_first = true;
    for (const KeyWeight& key : top_keys(row, {1, keys.end}, scope.top_k)) {
        out += fmt::format("{}'{}' {:.3f}", is_first ? "" : ", ",
                           run.keys().tokens[static_cast<std::size_t>(key.key)].display, key.weight / left);
        is_first = false;
    }
    return out + "\n";
}

}  // namespace headlight
