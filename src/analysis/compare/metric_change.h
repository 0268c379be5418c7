// Metrics of one head in two runs, over the rows that both have.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "analysis/compare/divergence.h"
#include "analysis/metric.h"

namespace headlight {

struct MetricChange {
    const MetricDescriptor* metric = nullptr;
    std::optional<double> a, b;

    std::optional<double> difference() const { return a && b ? std::optional(*a - *b) : std::nullopt; }
};

/// Every pattern metric of a head pair, registry order, each over the aligned rows that count.
std::vector<MetricChange> compare_metrics(const AttentionTrace& a, const AttentionTrace& b,
                                          const RunAlignment& alignment, HeadPair heads);

/// Mean of each change over lists of the same metrics: of all heads of a layer, or of a model. A head counts
/// where both sides have a value.
std::vector<MetricChange> mean_changes(std::span<const std::vector<MetricChange>> heads);

}  // namespace headlight
