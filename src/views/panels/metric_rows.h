// The metrics panel's rows: values of a head, a layer or the model with their bars. Pure.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "analysis/text_analysis.h"
#include "core/head_id.h"

namespace headlight {

enum class MetricScope { Head, Layer, Model };

/// "head", "layer", "model"; anything else is Head.
MetricScope metric_scope(const std::string& name);

/// Pattern metrics of the scope: of the chosen heads (at least one) their means, of the first one its layer.
std::vector<MetricValue> pattern_values(const TextAnalysis& analysis, MetricScope scope,
                                        const std::vector<HeadId>& heads);

/// Weight metrics of the chosen heads, of the first one's layer or of all heads, as means; empty while
/// `weights` is null.
std::vector<MetricValue> weight_values(const WeightAnalysis* weights, int num_heads, MetricScope scope,
                                       const std::vector<HeadId>& heads);

/// Upper end of each metric's bar: its own maximum where that is finite, else the largest value or reference
/// of any head.
class MetricRanges {
  public:
    void add(const std::vector<MetricValue>& values);
    void clear() { largest_.clear(); }
    /// 0 .. 1 within [min, top]; -1 where there is no value.
    double fraction(const MetricDescriptor& metric, const std::optional<double>& value) const;

  private:
    std::unordered_map<const MetricDescriptor*, double> largest_;
};

}  // namespace headlight
