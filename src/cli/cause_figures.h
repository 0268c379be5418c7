// Figures of causes: which map of which result, under which file name.
#pragma once

#include "cli/cause_options.h"
#include "report/cause/lens_report.h"
#include "run/cause/attribute_prompts.h"
#include "run/cause/circuit_graph.h"
#include "run/cause/patch_prompts.h"

namespace headlight {

/// `attribution.*`: layers down, heads and feed-forward part across. Nothing without --output-dir, as the
/// others.
Status draw_attribution(const AttributionResult& result, const CauseOptions& options);
/// `lens.*`: states down, positions across, probability of the first token, which stands in the cell.
Status draw_lens(const LensResult& result, const CauseOptions& options);
/// `patch_SITE_DIRECTION.*`, one a map; sites with heads and positions one a layer.
Status draw_patching(const PatchResult& result, const CauseOptions& options);
/// `path_MLP_logits.*`, `path_MLP_L9H9_q.*`.
Status draw_paths(const PathResult& result, const CauseOptions& options);
/// `circuit.*`.
Status draw_graph(const CircuitGraph& graph, const ModelSpec& spec, const CauseOptions& options);

}  // namespace headlight
