#include "core/intervention.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace headlight {
namespace {

struct ModeName {
    InterventionMode mode;
    const char* id;
    const char* label;
};

constexpr ModeName kNames[] = {
    {InterventionMode::Uniform, "uniform", "uniform attention"},
    {InterventionMode::LocalWindow, "local", "local window"},
    {InterventionMode::PreviousToken, "previous", "previous token only"},
    {InterventionMode::FirstToken, "first", "first token only"},
    {InterventionMode::Identity, "identity", "itself only"},
    {InterventionMode::Pattern, "pattern", "given pattern"},
    {InterventionMode::ZeroOutput, "zero", "zero output"},
    {InterventionMode::MeanOutput, "mean", "mean output"},
    {InterventionMode::KnockOut, "knock_out", "edges cut"},
    {InterventionMode::Scale, "scale", "scaled output"},
};

const ModeName& name_of(InterventionMode mode) {
    for (const ModeName& name : kNames) {
        if (name.mode == mode) return name;
    }
    return kNames[0];
}

bool is_mean_by_name(const Intervention& change) {
    return change.mode == InterventionMode::MeanOutput && change.outputs.empty();
}

/// "L1H3", "layer 2", "all heads", "5 heads".
std::string describe_heads(const std::vector<HeadId>& heads, HeadGrid grid) {
    const std::set<HeadId> unique(heads.begin(), heads.end());
    if (unique.empty()) return "no head";
    if (unique.size() == grid.size()) return "all heads";
    const int first = unique.begin()->layer, last = unique.rbegin()->layer;
    if (first == last && static_cast<int>(unique.size()) == grid.num_heads)
        return fmt::format("layer {}", first);
    if (unique.size() > 3) return fmt::format("{} heads", unique.size());
    std::string text;
    for (const HeadId head : unique)
        text += (text.empty() ? "" : ", ") + head.to_string();
    return text;
}

KeyRange window_of(InterventionMode mode, int query, KeyRange keys, int window) {
    switch (mode) {
        case InterventionMode::LocalWindow:
            return {query - window, query + window + 1};
        case InterventionMode::PreviousToken:
            return {query - 1, query};
        case InterventionMode::FirstToken:
            return {keys.begin, keys.begin + 1};
        case InterventionMode::Identity:
            return {query, query + 1};
        default:
            return keys;
    }
}

}  // namespace

const char* to_string(InterventionMode mode) {
    return name_of(mode).id;
}

const char* label_of(InterventionMode mode) {
    return name_of(mode).label;
}

std::optional<InterventionMode> intervention_mode(std::string_view name) {
    for (const ModeName& known : kNames) {
        if (name == known.id) return known.mode;
    }
    return std::nullopt;
}

std::string describe(const Intervention& intervention, int num_layers, int num_heads) {
    std::string heads;
    if (!intervention.heads.empty() || intervention.mlp_layers.empty())
        heads = describe_heads(intervention.heads, {num_layers, num_heads});
    for (const int layer : intervention.mlp_layers)
        heads += fmt::format("{}MLP {}", heads.empty() ? "" : ", ", layer);
    if (intervention.mode == InterventionMode::KnockOut) {
        if (intervention.edges.size() != 1)
            return fmt::format("{}: {} edges cut", heads, intervention.edges.size());
        const Edge edge = intervention.edges.front();
        return fmt::format("{}: edge {} → {} cut", heads, edge.query, edge.key);
    }
    if (intervention.mode == InterventionMode::Scale)
        return fmt::format("{}: output × {:g}", heads, intervention.factor);
    if (intervention.mode == InterventionMode::LocalWindow)
        return fmt::format("{}: {} of ±{}", heads, label_of(intervention.mode), intervention.window);
    return fmt::format("{}: {}", heads, label_of(intervention.mode));
}

bool wants_mean_outputs(std::span<const Intervention> interventions) {
    return std::any_of(interventions.begin(), interventions.end(), is_mean_by_name);
}

void fill_mean_outputs(std::span<Intervention> interventions, const Matrix& means, HeadGrid grid) {
    for (Intervention& change : interventions) {
        if (!is_mean_by_name(change)) continue;
        for (const HeadId head : change.heads) {
            const auto row = means.row(static_cast<std::int64_t>(grid.index(head)));
            change.outputs.emplace_back(row.begin(), row.end());
        }
    }
}

void write_replacement_row(InterventionMode mode, int query, KeyRange keys, int window,
                           std::span<float> out) {
    std::fill(out.begin(), out.end(), 0.0f);
    if (keys.count() <= 0) return;
    KeyRange set = window_of(mode, query, keys, window);
    set = {std::max(set.begin, keys.begin), std::min(set.end, keys.end)};
    if (set.count() <= 0) {
        // The previous token of the first row, or a target outside a sliding window.
        const int nearest = std::clamp(query - 1, keys.begin, keys.end - 1);
        set = {nearest, nearest + 1};
    }
    const float weight = 1.0f / static_cast<float>(set.count());
    for (int key = set.begin; key < set.end; ++key)
        out[static_cast<std::size_t>(key)] = weight;
}

void knock_out_row(int query, KeyRange keys, std::span<const Edge> edges, std::span<float> row) {
    std::set<int> cut;
    for (const Edge& edge : edges) {
        if (edge.query == query && edge.key >= keys.begin && edge.key < keys.end) cut.insert(edge.key);
    }
    if (cut.empty() || static_cast<int>(cut.size()) >= keys.count()) return;
    double rest = 0;
    for (int key = keys.begin; key < keys.end; ++key) {
        if (cut.count(key) == 0) rest += row[static_cast<std::size_t>(key)];
    }
    const double even = 1.0 / (keys.count() - static_cast<double>(cut.size()));
    for (int key = keys.begin; key < keys.end; ++key) {
        float& weight = row[static_cast<std::size_t>(key)];
        if (cut.count(key) != 0) {
            weight = 0;
        } else {
            weight = static_cast<float>(rest > 1e-12 ? weight / rest : even);
        }
    }
}

}  // namespace headlight
