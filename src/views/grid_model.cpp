// What the head grid shows where.
#include "views/grid_model.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace headlight {

namespace {

std::vector<const Tag*> set_tags(const TextAnalysis& analysis, HeadId head) {
    std::vector<const Tag*> out;
    for (const Tag& tag : analysis.head(head).tags) {
        if (tag.score.is_tagged) out.push_back(&tag);
    }
    std::stable_sort(out.begin(), out.end(), [](const Tag* a, const Tag* b) {
        return a->score.kappa.value_or(-1) > b->score.kappa.value_or(-1);
    });
    return out;
}

std::vector<std::optional<double>> all_values(const TextAnalysis& analysis, const WeightAnalysis* weights,
                                              int num_layers, int num_heads, const MetricDescriptor* metric) {
    std::vector<std::optional<double>> out(static_cast<std::size_t>(num_layers) *
                                           static_cast<std::size_t>(num_heads));
    if (!metric) return out;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const HeadId head{static_cast<int>(i) / num_heads, static_cast<int>(i) % num_heads};
        out[i] = head_metric(analysis, weights, head, *metric);
    }
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
}

GridCell head_cell(const GridModel& model, const TextAnalysis& analysis,
                   const std::vector<std::optional<double>>& tints, HeadId head) {
    GridCell cell{GridCell::Kind::Head, head, {}, -1, set_tags(analysis, head)};
    cell.tint_value = tints[static_cast<std::size_t>(head.layer) * static_cast<std::size_t>(model.num_heads) +
                            static_cast<std::size_t>(head.head)];
    if (!cell.tint_value) return cell;
    const double range = model.tint_hi - model.tint_lo;
    cell.tint = range > 0 ? static_cast<float>((*cell.tint_value - model.tint_lo) / range) : 0.5f;
    return cell;
}

void fill_by_layer(GridModel& model, const TextAnalysis& analysis,
                   const std::vector<std::optional<double>>& tints) {
    model.rows = model.num_layers + 1;
    model.cols = model.num_heads + 1;
    for (int layer = 0; layer < model.num_layers; ++layer) {
        for (int head = 0; head < model.num_heads; ++head) {
            model.cells.push_back(head_cell(model, analysis, tints, {layer, head}));
        }
        model.cells.push_back({GridCell::Kind::LayerMean, {layer, 0}, {}, -1, {}});
    }
    for (int head = 0; head < model.num_heads; ++head) {
        model.cells.push_back({GridCell::Kind::HeadMean, {0, head}, {}, -1, {}});
    }
    model.cells.push_back({GridCell::Kind::OverallMean, {}, {}, -1, {}});
}

void fill_by_metric(GridModel& model, const TextAnalysis& analysis,
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
    for (const std::size_t index : order) {
        const HeadId head{static_cast<int>(index) / model.num_heads,
                          static_cast<int>(index) % model.num_heads};
        model.cells.push_back(head_cell(model, analysis, tints, head));
    }
}

void collect_groups(GridModel& model, const TextAnalysis& analysis) {
    for (const DetectorDescriptor* detector : detectors()) {
        std::vector<std::pair<double, HeadId>> found;
        for (const HeadAnalysis& head : analysis.heads) {
            for (const Tag& tag : head.tags) {
                if (tag.detector != detector || !tag.score.is_tagged) continue;
                found.emplace_back(-tag.score.kappa.value_or(0), head.id);
            }
        }
        if (found.empty()) continue;
        std::sort(found.begin(), found.end());
        GridTagGroup group{detector, {}};
        for (const auto& entry : found)
            group.heads.push_back(entry.second);
        model.groups.push_back(std::move(group));
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
    const auto index =
        static_cast<std::size_t>(head.layer) * static_cast<std::size_t>(analysis.num_heads_per_layer) +
        static_cast<std::size_t>(head.head);
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

GridModel make_grid_model(const TextAnalysis& analysis, const WeightAnalysis* weights, int num_layers,
                          int num_heads, const std::string& tint, const std::string& order) {
    GridModel model;
    model.num_layers = num_layers;
    model.num_heads = num_heads;
    model.tint = find_metric(tint);
    model.order = find_metric(order);
    const auto tints = all_values(analysis, weights, num_layers, num_heads, model.tint);
    if (model.tint) set_tint_range(model, tints);
    if (model.order) {
        fill_by_metric(model, analysis, tints,
                       all_values(analysis, weights, num_layers, num_heads, model.order));
    } else {
        fill_by_layer(model, analysis, tints);
    }
    collect_groups(model, analysis);
    return model;
}

}  // namespace headlight
