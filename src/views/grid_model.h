// What the head grid shows where: order, tint values, tags. Built once per text and setting, not per frame.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/text_analysis.h"
#include "core/head_id.h"

namespace headlight {

struct GridCell {
    enum class Kind { Head, LayerMean, HeadMean, OverallMean, Nothing };
    Kind kind = Kind::Nothing;
    HeadId head;                       // LayerMean: its layer; HeadMean: its head index
    std::optional<double> tint_value;  // of the tint metric
    float tint = -1;                   // 0 .. 1 within the range over all heads; < 0: none
    std::vector<const Tag*> tags;  // those that are set, strongest κ first; they live in the text's analysis
};

/// One pattern and the heads that follow it, strongest first.
struct GridTagGroup {
    const DetectorDescriptor* detector = nullptr;
    std::vector<HeadId> heads;
};

struct GridModel {
    int rows = 0, cols = 0;  // with the means
    int num_layers = 0, num_heads = 0;
    bool is_sorted = false;       // cells follow a metric, not the layers; no means then
    std::vector<GridCell> cells;  // [rows, cols]
    const MetricDescriptor* tint = nullptr;
    double tint_lo = 0, tint_hi = 0;
    const MetricDescriptor* order = nullptr;
    std::vector<GridTagGroup> groups;  // patterns that at least one head follows, registry order

    const GridCell& at(int row, int col) const {
        return cells[static_cast<std::size_t>(row) * static_cast<std::size_t>(cols) +
                     static_cast<std::size_t>(col)];
    }
    /// Row and column of a head; -1, -1 if there is none.
    std::pair<int, int> find(HeadId head) const;
};

/// A metric of one head, of its pattern or of its weights (`weights` may be null: not there yet).
std::optional<double> head_metric(const TextAnalysis& analysis, const WeightAnalysis* weights, HeadId head,
                                  const MetricDescriptor& metric);

/// `tint` and `order` are metric ids; "none" and "layer" mean neither. Heads without a value come last in an
/// order.
GridModel make_grid_model(const TextAnalysis& analysis, const WeightAnalysis* weights, int num_layers,
                          int num_heads, const std::string& tint, const std::string& order);

}  // namespace headlight
