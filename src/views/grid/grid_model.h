// What the head grid shows where: order, tint values, tags. Built once per text and setting, not per frame.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/text_analysis.h"
#include "core/head_id.h"
#include "views/head_tags.h"

namespace headlight {

struct GridCell {
    enum class Kind { Head, LayerMean, HeadMean, OverallMean, Nothing };
    Kind kind = Kind::Nothing;
    HeadId head;                       // LayerMean: its layer; HeadMean: its head index
    std::optional<double> tint_value;  // of the tint metric
    float tint = -1;                   // 0 .. 1 within the range over all heads; < 0: none
    std::vector<HeadTag> tags;         // those that are set, strongest κ first
};

/// One pattern and the heads that follow it, strongest first.
struct GridTagGroup {
    std::string id, label, help;  // of the detector
    std::vector<HeadId> heads;
};

struct GridModel {
    int rows = 0, cols = 0;  // with the means
    int num_layers = 0, num_heads = 0;
    bool is_sorted = false;       // cells follow a metric, not the layers; no means then
    std::vector<GridCell> cells;  // [rows, cols]
    bool is_tinted = false;
    std::string tint_label, tint_unit;  // of a metric, or of the sweep's effects
    bool is_tint_signed = false;        // the tint runs from -hi over 0 to hi
    bool has_tint_values = false;       // each thumbnail says its value
    double tint_lo = 0, tint_hi = 0;
    const MetricDescriptor* order = nullptr;  // null: by layer, by a detector or the edge
    std::vector<GridTagGroup> groups;         // patterns that at least one head follows, registry order
    std::string tag_source;                   // where they come from: this text, or an atlas

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

/// Tint and order by the measure of a search's fits; chosen by the workspace Search, not by a setting.
inline constexpr const char* kFitTint = "search_fit";

/// What a grid is made from. `tint` and `order` are ids of metrics or detectors, kAblationTint, kEdgeTint or
/// kFitTint; "none" and "layer" mean neither.
struct GridRequest {
    const Snapshot& snapshot;                 // with a text
    const WeightAnalysis* weights = nullptr;  // not there yet
    std::string tint = "none", order = "layer";
    const std::vector<float>* edge = nullptr;  // of the chosen edge; not there yet
    std::string edge_label;
};

/// Heads without a value come last in an order.
GridModel make_grid_model(const GridRequest& request);

}  // namespace headlight
