// Figures of what explains an answer. `attribute`, `lens`, `patch`, `path` and `figure` share them.
#pragma once

#include <string>
#include <vector>

#include "figure/drawing.h"
#include "report/cause/lens_report.h"
#include "run/cause/attribute_prompts.h"
#include "run/cause/circuit_graph.h"
#include "run/cause/patch_prompts.h"

namespace headlight {

/// A figure with the name of its file, without folder and ending.
struct NamedFigure {
    std::string name;
    FigureContent content;
};

/// `attribution`: layers down, heads and feed-forward part across.
NamedFigure attribution_figure(const AttributionResult& result);
/// `lens`: states down, positions across, probability of the first token, which stands in the cell.
NamedFigure lens_figure(const LensResult& result);
/// `patch_SITE_DIRECTION`, one a map; sites with heads and positions one a layer.
std::vector<NamedFigure> patching_figures(const PatchResult& result);
/// `path_MLP_logits`, `path_MLP_L9H9_q`.
std::vector<NamedFigure> path_figures(const PathResult& result);
/// `circuit`.
NamedFigure graph_figure(const CircuitGraph& graph, const ModelSpec& spec);

}  // namespace headlight
