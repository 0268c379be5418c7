// What is known of the heads of one text: metrics, patterns, layer and head; whoever measured it.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "analysis/text_analysis.h"

namespace headlight {

/// Borrowed; all of one text and its model. What is not there makes numbers that do not exist, never zeros.
struct HeadNumbers {
    const TextAnalysis* text = nullptr;
    const WeightAnalysis* weights = nullptr;   // null or empty: not known
    const WeightAnalysis* matrices = nullptr;  // metrics of the whole pattern; the same
    /// Which patterns count as tags where they come from elsewhere (an atlas); empty: those of the text.
    std::function<bool(HeadId, const DetectorDescriptor&)> is_tagged = {};
};

/// The values of a head in which a metric of that kind stands; empty: not known.
std::span<const MetricValue> head_values(const HeadNumbers& numbers, HeadId head, MetricKind kind);
/// A metric of one head; nullopt: it does not exist there, or was not measured.
std::optional<double> head_metric(const HeadNumbers& numbers, HeadId head, const MetricDescriptor& metric);
/// What a detector said of a head on the text; null: it was not asked.
const Tag* head_tag(const HeadNumbers& numbers, HeadId head, const DetectorDescriptor& detector);
bool is_head_tagged(const HeadNumbers& numbers, HeadId head, const DetectorDescriptor& detector);
/// The tag with the largest kappa, whether it is set or not; null: no detector had a row to score.
const Tag* strongest_tag(const HeadNumbers& numbers, HeadId head);

/// Every metric of the whole pattern of one head; between units against the even head's pattern.
std::vector<MetricValue> matrix_metrics_of(const AttentionTrace& trace, HeadId head);

/// Every matrix metric of every head of a text, [HeadGrid][metric]; absent layers have none. Errors:
/// Unsupported (more than kMostMatrixMetricTokens queries), Cancelled.
Result<WeightAnalysis> analyze_matrices(const AttentionTrace& trace, const JobContext& job);

}  // namespace headlight
