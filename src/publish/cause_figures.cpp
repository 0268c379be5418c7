#include "publish/cause_figures.h"

#include <fmt/format.h>

#include <limits>

#include "figure/contents.h"
#include "run/cause/circuit_layout.h"

namespace headlight {
namespace {

constexpr float kAbsent = std::numeric_limits<float>::quiet_NaN();

std::vector<std::string> numbered(const char* prefix, int count) {
    std::vector<std::string> out;
    for (int i = 0; i < count; ++i)
        out.push_back(fmt::format("{}{}", prefix, i));
    return out;
}

std::vector<std::string> token_labels(const TokenizedText& tokens) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < tokens.tokens.size(); ++i)
        out.push_back(fmt::format("{} {}", tokens.tokens[i].display, i));
    return out;
}

FigureCaption cause_caption(const ModelSpec& spec, std::string note) {
    return {spec.name, spec.dtype, std::move(note)};
}

/// Effects of cells [rows, columns], 0 where nothing changed.
std::vector<float> changes_of(const std::vector<std::optional<PromptMean>>& effects, double unchanged,
                              std::size_t begin, std::size_t count) {
    std::vector<float> out;
    for (std::size_t i = begin; i < begin + count; ++i)
        out.push_back(effects[i] ? static_cast<float>(effects[i]->mean - unchanged) : kAbsent);
    return out;
}

}  // namespace

NamedFigure attribution_figure(const AttributionResult& result) {
    const ModelSpec& spec = result.model->spec;
    const HeadGrid grid = explained_heads(spec);
    ValueMap map;
    map.row_labels = numbered("L", grid.num_layers);
    map.column_labels = numbered("H", grid.num_heads);
    map.column_labels.push_back("MLP");
    map.row_name = "layer";
    map.column_name = "head, feed-forward part";
    map.unit = "logits";
    map.caveat = prompts_caveat(result.prompts.size(), false);
    map.values.assign(map.row_labels.size() * map.column_labels.size(), kAbsent);
    for (const ComponentEffect& part : result.components) {
        const Component& component = part.component;
        const bool is_head = component.kind == Component::Kind::Head;
        if (!is_head && component.kind != Component::Kind::Mlp) continue;
        const auto column = static_cast<std::size_t>(is_head ? component.head : grid.num_heads);
        map.values[static_cast<std::size_t>(component.layer) * map.column_labels.size() + column] =
            static_cast<float>(part.effect.mean);
    }
    const Prompt& prompt = result.prompts.front();
    const std::string note = result.prompts.size() == 1
                                 ? describe(prompt.question, *result.model, prompt.tokens)
                                 : fmt::format("{} prompts", result.prompts.size());
    return {"attribution",
            value_map_figure(std::move(map), fmt::format("Direct effect, sum {:+.2f}", result.total.mean),
                             cause_caption(spec, note))};
}

NamedFigure lens_figure(const LensResult& result) {
    const Lens& lens = result.lens;
    ValueMap map;
    map.row_labels = numbered("L", lens.num_states - 1);
    map.row_labels.push_back("out");
    map.column_labels = token_labels(result.tokens);
    map.row_name = "state";
    map.column_name = "position";
    map.is_signed = false;
    map.largest = 1;
    map.unit = "probability of the first token";
    for (int state = 0; state < lens.num_states; ++state) {
        for (int position = 0; position < lens.num_tokens; ++position) {
            const std::size_t at = lens.at(state, position);
            map.values.push_back(lens.top_probs[at]);
            map.texts.push_back(shown_token(*result.model, lens.top_ids[at]));
        }
    }
    return {"lens", value_map_figure(
                        std::move(map), "Logit lens",
                        cause_caption(result.model->spec, "each state read with the last layer's head"))};
}

std::vector<NamedFigure> patching_figures(const PatchResult& result) {
    std::vector<NamedFigure> out;
    const ModelSpec& spec = result.model->spec;
    const HeadGrid grid = explained_heads(spec);
    const Prompt& prompt = result.prompts.front();
    const std::string note = describe(prompt.question, *result.model, prompt.tokens);
    for (const PatchSiteResult& site : result.sites) {
        ValueMap map;
        map.row_name = "layer";
        map.unit =
            site.direction == PatchDirection::Denoise ? "of the gap restored" : "of the gap, 1 − effect";
        map.caveat = prompts_caveat(result.prompts.size(), true);
        map.column_labels =
            has_positions(site.site) ? token_labels(prompt.tokens) : numbered("H", grid.num_heads);
        map.column_name = has_positions(site.site) ? "position" : "head";
        const double sign = site.direction == PatchDirection::Denoise ? 1.0 : -1.0;
        const bool has_both = site.site == PatchSite::HeadPos;
        const int num_maps = has_both ? grid.num_layers : 1;
        const std::size_t size = site.cells.size() / static_cast<std::size_t>(num_maps);
        for (int number = 0; number < num_maps; ++number) {
            map.values = changes_of(site.effects, unchanged_effect(site.direction),
                                    static_cast<std::size_t>(number) * size, size);
            for (float& value : map.values)
                value = static_cast<float>(sign * value);
            map.row_labels = has_both
                                 ? numbered("H", grid.num_heads)
                                 : numbered("L", grid.num_layers + (site.site == PatchSite::Resid ? 1 : 0));
            if (has_both) map.row_name = fmt::format("head of layer {}", number);
            std::string name = fmt::format("patch_{}_{}", to_string(site.site), to_string(site.direction));
            if (has_both) name += fmt::format("_layer_{}", number);
            out.push_back(
                {std::move(name),
                 value_map_figure(
                     map, fmt::format("Patching: {}, {}", label_of(site.site), to_string(site.direction)),
                     cause_caption(spec, note))});
        }
    }
    return out;
}

std::vector<NamedFigure> path_figures(const PathResult& result) {
    std::vector<NamedFigure> out;
    const ModelSpec& spec = result.model->spec;
    const HeadGrid grid = explained_heads(spec);
    for (const PathMap& path : result.maps) {
        ValueMap map;
        map.row_labels = numbered("L", grid.num_layers);
        map.column_labels = numbered("H", grid.num_heads);
        map.row_name = "sender's layer";
        map.column_name = "sender's head";
        map.unit = "of the gap destroyed";
        map.caveat = prompts_caveat(result.prompts.size(), true);
        map.values = changes_of(path.destroyed, 0, 0, path.destroyed.size());
        const char* const mode = path.path.freezes_mlps ? "frozen" : "recompute";
        const std::string to = path.path.receiver
                                   ? path.path.receiver->to_string() + "_" + to_string(path.path.input)
                                   : "logits";
        out.push_back(
            {fmt::format("path_{}_{}", mode, to),
             value_map_figure(std::move(map),
                              fmt::format("Direct paths to {}, feed-forward parts {}", to,
                                          path.path.freezes_mlps ? "fixed" : "recomputed"),
                              cause_caption(spec, describe(result.prompts.front().question, *result.model,
                                                           result.prompts.front().tokens)))});
    }
    return out;
}

NamedFigure graph_figure(const CircuitGraph& graph, const ModelSpec& spec) {
    const CircuitLayout layout = lay_out_circuit(graph);
    CircuitDrawing drawing;
    drawing.num_rows = layout.num_rows;
    drawing.caveat = prompts_caveat(1, true);
    for (const PlacedNode& node : layout.nodes)
        drawing.nodes.push_back({node.head ? node.head->to_string() : "logits", node.x, node.row});
    for (const CircuitEdge& edge : graph.edges)
        drawing.edges.push_back({layout.index_of(edge.from), layout.index_of(edge.to), edge.effect,
                                 edge.to ? to_string(edge.input) : ""});
    return {"circuit",
            circuit_figure(std::move(drawing),
                           fmt::format("Direct paths over {:.0f} % of the gap", 100 * graph.threshold),
                           cause_caption(spec, graph.question))};
}

}  // namespace headlight
