// What the head grid shows where.
#include "views/grid/grid_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "session/tasks/comparison.h"
#include "session/tasks/search.h"

namespace headlight {

namespace {

std::vector<std::optional<double>> all_values(const TextAnalysis& analysis, const WeightAnalysis* weights,
                                              HeadGrid grid, const MetricDescriptor* metric) {
    std::vector<std::optional<double>> out(grid.size());
    if (!metric) return out;
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = head_metric(analysis, weights, grid.at(i), *metric);
    }
    return out;
}

/// What replacing each head costs the shown text, or the answer of its question.
std::vector<std::optional<double>> all_effects(const Snapshot& snapshot, HeadGrid grid) {
    std::vector<std::optional<double>> out(grid.size());
    if (!snapshot.sweep) return out;
    for (const AblationEffect& effect : snapshot.sweep->effects) {
        if (effect.heads.size() != 1) continue;
        const std::size_t index = grid.index(effect.heads.front());
        if (index < out.size()) out[index] = snapshot.sweep->cost(effect);
    }
    return out;
}

/// Divergences from the run that is compared with, in nats.
std::vector<std::optional<double>> all_divergences(const Snapshot& snapshot, HeadGrid grid) {
    std::vector<std::optional<double>> out(grid.size());
    const ComparisonState& state = snapshot.part<ComparisonState>();
    const auto& comparison = state.task.value();
    if (!comparison || !snapshot.base_text || comparison->a.text->id != snapshot.base_text->id) return out;
    for (const HeadDivergence& head : comparison->heads) {
        const std::size_t index = grid.index(head.heads.a);
        if (index < out.size() && head.num_rows > 0) out[index] = head.ranked;
    }
    return out;
}

/// How well each head fits what is searched for on this text.
std::vector<std::optional<double>> all_fits(const Snapshot& snapshot, HeadGrid grid) {
    std::vector<std::optional<double>> out(grid.size());
    const SearchState& state = snapshot.part<SearchState>();
    if (!state.result || !state.is_of(snapshot.text->id) || !(state.result->grid == grid)) return out;
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = fit_value(state.result->heads[i], state.order);
    return out;
}

/// Scores of one detector on this text.
std::vector<std::optional<double>> all_scores(const TextAnalysis& analysis, HeadGrid grid,
                                              const DetectorDescriptor& detector) {
    std::vector<std::optional<double>> out(grid.size());
    for (std::size_t i = 0; i < out.size() && i < analysis.heads.size(); ++i) {
        for (const Tag& tag : analysis.heads[i].tags)
            if (tag.detector == &detector) out[i] = tag.score.score;
    }
    return out;
}

/// Whatever an id stands for, of every head.
std::vector<std::optional<double>> values_of(const GridRequest& request, const std::string& id) {
    const TextAnalysis& analysis = request.snapshot.text->analysis;
    const HeadGrid grid = request.snapshot.text->trace->grid();
    if (id == kAblationTint) return all_effects(request.snapshot, grid);
    if (id == kDivergenceTint) return all_divergences(request.snapshot, grid);
    if (id == kFitTint) return all_fits(request.snapshot, grid);
    if (const DetectorDescriptor* detector = find_detector(id)) return all_scores(analysis, grid, *detector);
    if (id != kEdgeTint) return all_values(analysis, request.weights, grid, find_metric(id));
    std::vector<std::optional<double>> out(grid.size());
    for (std::size_t i = 0; request.edge && i < std::min(out.size(), request.edge->size()); ++i)
        out[i] = (*request.edge)[i];
    return out;
}

void set_tint_range(GridModel& model, const std::vector<std::optional<double>>& values) {
    model.tint_lo = std::numeric_limits<double>::infinity();
    model.tint_hi = -model.tint_lo;
    for (const auto& value : values) {
        if (!value) continue;
        model.tint_lo = std::min(model.tint_lo, *value);
        model.tint_hi = std::max(model.tint_hi, *value);
    }
    if (model.tint_lo > model.tint_hi) model.tint_lo = model.tint_hi = 0;
    if (!model.is_tint_signed) return;
    model.tint_hi = std::max(std::abs(model.tint_lo), std::abs(model.tint_hi));
    model.tint_lo = -model.tint_hi;
}

GridCell head_cell(const GridModel& model, const Snapshot& snapshot,
                   const std::vector<std::optional<double>>& tints, HeadId head) {
    GridCell cell{GridCell::Kind::Head, head, {}, -1, head_tags(snapshot, head)};
    cell.tint_value = tints[HeadGrid{model.num_layers, model.num_heads}.index(head)];
    if (!cell.tint_value) return cell;
    const double range = model.tint_hi - model.tint_lo;
    cell.tint = range > 0 ? static_cast<float>((*cell.tint_value - model.tint_lo) / range) : 0.5f;
    return cell;
}

void fill_by_layer(GridModel& model, const Snapshot& snapshot,
                   const std::vector<std::optional<double>>& tints) {
    model.rows = model.num_layers + 1;
    model.cols = model.num_heads + 1;
    for (int layer = 0; layer < model.num_layers; ++layer) {
        for (int head = 0; head < model.num_heads; ++head) {
            model.cells.push_back(head_cell(model, snapshot, tints, {layer, head}));
        }
        model.cells.push_back({GridCell::Kind::LayerMean, {layer, 0}, {}, -1, {}});
    }
    for (int head = 0; head < model.num_heads; ++head) {
        model.cells.push_back({GridCell::Kind::HeadMean, {0, head}, {}, -1, {}});
    }
    model.cells.push_back({GridCell::Kind::OverallMean, {}, {}, -1, {}});
}

void fill_by_metric(GridModel& model, const Snapshot& snapshot,
                    const std::vector<std::optional<double>>& tints,
                    const std::vector<std::optional<double>>& keys) {
    std::vector<std::size_t> order(keys.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        if (keys[a].has_value() != keys[b].has_value()) return keys[a].has_value();
        return keys[a].has_value() && *keys[a] > *keys[b];
    });
    model.is_sorted = true;
    model.rows = model.num_layers;
    model.cols = model.num_heads;
    const HeadGrid grid{model.num_layers, model.num_heads};
    for (const std::size_t index : order) {
        model.cells.push_back(head_cell(model, snapshot, tints, grid.at(index)));
    }
}

/// In the order of the detectors: of the atlas, or of the registry.
std::vector<GridTagGroup> all_groups(const Snapshot& snapshot) {
    std::vector<GridTagGroup> out;
    if (const Atlas* atlas = snapshot.shown_atlas()) {
        for (const AtlasDetector& detector : atlas->detectors)
            out.push_back({detector.id, detector.label, detector.definition, {}});
        return out;
    }
    for (const DetectorDescriptor* detector : detectors())
        out.push_back({detector->id,
                       in_units(detector->label, snapshot.unit()),
                       in_units(detector->help, snapshot.unit()),
                       {}});
    return out;
}

void collect_groups(GridModel& model, const Snapshot& snapshot) {
    for (GridTagGroup& group : all_groups(snapshot)) {
        std::vector<std::pair<double, HeadId>> found;
        for (const GridCell& cell : model.cells) {
            for (const HeadTag& tag : cell.tags) {
                if (tag.id == group.id) found.emplace_back(-tag.strength, cell.head);
            }
        }
        if (found.empty()) continue;
        std::sort(found.begin(), found.end());
        for (const auto& entry : found)
            group.heads.push_back(entry.second);
        model.groups.push_back(std::move(group));
    }
    model.tag_source = tag_source(snapshot);
}

/// What the tint stands for; false: there is none.
void name_tint(GridModel& model, const GridRequest& request) {
    const std::string& tint = request.tint;
    if (tint == kEdgeTint) {
        model.is_tinted = true;
        model.is_tint_signed = request.snapshot.picture.is_signed();
        model.tint_label = request.edge_label;
    } else if (const DetectorDescriptor* detector = find_detector(tint)) {
        model.is_tinted = true;
        model.tint_label = detector->label;
    } else if (tint == kFitTint) {
        model.is_tinted = model.has_tint_values = true;
        model.tint_label = std::string("fit: ") + to_string(request.snapshot.part<SearchState>().order);
    } else if (tint == kDivergenceTint) {
        model.is_tinted = true;
        model.tint_label = "divergence";
        model.tint_unit = "nats";
    } else if (tint == kAblationTint) {
        model.is_tinted = model.is_tint_signed = true;
        const auto& sweep = request.snapshot.sweep;
        model.tint_label = sweep && sweep->question ? "answer lost" : "loss effect";
        model.tint_unit = sweep ? sweep->cost_unit() : "nats";
    } else if (const MetricDescriptor* metric = find_metric(tint)) {
        model.is_tinted = true;
        model.tint_label = metric->label;
        model.tint_unit = metric->unit;
    }
}

}  // namespace

std::pair<int, int> GridModel::find(HeadId head) const {
    if (!is_sorted) {
        const bool is_inside =
            head.layer >= 0 && head.layer < num_layers && head.head >= 0 && head.head < num_heads;
        return is_inside ? std::pair{head.layer, head.head} : std::pair{-1, -1};
    }
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (cells[i].kind == GridCell::Kind::Head && cells[i].head == head) {
            return {static_cast<int>(i) / cols, static_cast<int>(i) % cols};
        }
    }
    return {-1, -1};
}

std::optional<double> head_metric(const TextAnalysis& analysis, const WeightAnalysis* weights, HeadId head,
                                  const MetricDescriptor& metric) {
    const std::size_t index = analysis.grid.index(head);
    const std::vector<MetricValue>* values = nullptr;
    if (metric.kind == MetricKind::Pattern && index < analysis.heads.size())
        values = &analysis.heads[index].metrics;
    if (metric.kind == MetricKind::Weights && weights && index < weights->size()) values = &(*weights)[index];
    if (!values) return std::nullopt;
    for (const MetricValue& value : *values) {
        if (value.metric == &metric) return value.value;
    }
    return std::nullopt;
}

GridModel make_grid_model(const GridRequest& request) {
    const TraceInfo& info = request.snapshot.text->trace->info();
    GridModel model;
    model.num_layers = info.num_layers;
    model.num_heads = info.num_heads;
    model.order = find_metric(request.order);
    name_tint(model, request);
    const auto tints = values_of(request, request.tint);
    if (model.is_tinted) set_tint_range(model, tints);
    if (request.tint == kEdgeTint && !model.is_tint_signed) model.tint_lo = 0;
    if (request.order != "layer") {
        fill_by_metric(model, request.snapshot, tints, values_of(request, request.order));
    } else {
        fill_by_layer(model, request.snapshot, tints);
    }
    collect_groups(model, request.snapshot);
    return model;
}

}  // namespace headlight
