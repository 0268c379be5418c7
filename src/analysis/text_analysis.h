// Everything that is computed from one trace for panels, reports and JSON, in one pass over heads.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "analysis/detector.h"
#include "analysis/flow/flow.h"
#include "analysis/metric.h"
#include "base/progress.h"
#include "base/result.h"
#include "core/token.h"

namespace headlight {

struct HeadAnalysis {
    HeadId id;
    std::vector<MetricValue> metrics;  // pattern metrics, registry order
    std::vector<Tag> tags;             // all detectors, registry order
};

/// Mean of each pattern metric over heads (equal weights), values and references; nullopt where no head has
/// one.
struct TextAnalysis {
    std::vector<HeadAnalysis> heads;               // [HeadGrid]
    std::vector<std::vector<MetricValue>> layers;  // [layer]
    std::vector<MetricValue> model;
    std::vector<FlowShares> flow;  // [layer]
    FlowShares uniform_flow;
    double max_row_sum_error = 0;  // largest |sum - 1| over all valid rows
    int num_invalid_rows = 0;
    HeadGrid grid;
    bool is_pending = false;             // nothing is measured yet: every value is missing
    double metrics_ms = 0, tags_ms = 0;  // wall time of metrics and flow, and of detectors and their test

    const HeadAnalysis& head(HeadId id) const { return heads[grid.index(id)]; }
};

/// What stands in until a long text is analysed: all values missing, with the reason.
TextAnalysis pending_analysis(HeadGrid grid);

/// Errors: Cancelled.
Result<TextAnalysis> analyze_text(const AttentionTrace& trace, std::span<const Token> tokens,
                                  std::span<const KeySet> key_sets, const JobContext& job,
                                  int num_threads = 1);

/// Weight metrics of all heads of a model: [HeadGrid][metric].
using WeightAnalysis = std::vector<std::vector<MetricValue>>;

/// The document names of requirement 1 ("attn_entropy", "attn_entropy/0", "sv_concentration" ...) with their
/// values. `weights` may be empty (then the spectrum names are left out).
std::map<std::string, std::optional<double>> document_metrics(const TextAnalysis& text,
                                                              const WeightAnalysis& weights, int num_layers,
                                                              int num_heads);

}  // namespace headlight
