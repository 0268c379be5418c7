#include <algorithm>
#include <map>

#include "report/cause/patch_report.h"

namespace headlight {
namespace {

void add_metrics(const AnswerMetrics& metrics, std::vector<float>& out) {
    out.insert(out.end(), {metrics.difference, metrics.probability, metrics.kl});
}

TensorFile::Shape shape_of(const PatchResult& result, PatchSite site) {
    const HeadGrid grid = explained_heads(result.model->spec);
    TensorFile::Shape shape{grid.num_layers + (site == PatchSite::Resid ? 1 : 0)};
    if (has_heads(site)) shape.push_back(grid.num_heads);
    if (has_positions(site))
        shape.push_back(static_cast<std::int64_t>(result.prompts.front().tokens.tokens.size()));
    return shape;
}

template <class Value>
bool is_complete(const std::vector<std::optional<Value>>& values) {
    return !values.empty() &&
           std::all_of(values.begin(), values.end(), [](const auto& value) { return value.has_value(); });
}

}  // namespace

void add_patching(const PatchResult& result, TensorFile& file) {
    std::vector<float> baseline;
    const PatchPair& pair = result.pairs.front();
    add_metrics(pair.clean, baseline);
    add_metrics(pair.corrupted, baseline);
    file.add("patch.baseline", {2, 3}, baseline);
    for (const PatchSiteResult& site : result.sites) {
        if (!is_complete(site.metrics)) continue;
        const std::string name =
            std::string("patch.") + to_string(site.direction) + "." + to_string(site.site);
        std::vector<float> metrics, effects;
        for (const auto& cell : site.metrics) {
            add_metrics(*cell, metrics);
            const auto effect = patch_effect(*cell, pair.clean, pair.corrupted, AnswerMetric::Difference);
            if (effect) effects.push_back(static_cast<float>(*effect));
        }
        TensorFile::Shape shape = shape_of(result, site.site);
        if (effects.size() == site.metrics.size()) file.add(name + ".effect", shape, effects);
        shape.push_back(3);
        file.add(name, shape, metrics);
    }
}

void add_paths(const PathResult& result, TensorFile& file) {
    const HeadGrid grid = explained_heads(result.model->spec);
    std::map<std::string, std::vector<float>> by_name;  // receivers one after another
    for (const PathMap& map : result.maps) {
        if (!is_complete(map.metrics)) return;
        const std::string mode = map.path.freezes_mlps ? "path.frozen." : "path.recompute.";
        std::vector<float>& values =
            by_name[mode + (map.path.receiver ? to_string(map.path.input) : "logits")];
        for (const auto& metrics : map.metrics)
            values.push_back(metrics->difference);
    }
    for (const auto& [name, values] : by_name) {
        TensorFile::Shape shape{grid.num_layers, grid.num_heads};
        if (!name.ends_with(".logits"))
            shape.insert(shape.begin(), static_cast<std::int64_t>(result.receivers.size()));
        file.add(name, shape, values);
    }
}

}  // namespace headlight
