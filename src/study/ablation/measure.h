// The one loop behind ablation_sweep.h: several changes, each measured on all texts.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "study/ablation/sweep.h"

namespace headlight {

/// What is put in the place of attention at the same time: one change that is measured.
using InterventionSet = std::vector<Intervention>;

/// Effect of each set, in their order. While the unchanged passes of all texts fit in memory they are kept
/// and set after set is measured on all of them; else text after text is, with one pass in memory, and every
/// effect is known with the last text. When the work is stopped then, the sets are reported over the texts
/// that were finished. An Intervention of mode MeanOutput without `outputs` gets the mean over all texts.
/// Without next-token loss: Unsupported, unless the request wants the distribution; the losses are then NaN
/// and num_tokens counts the positions whose outputs were compared.
Result<std::vector<AblationEffect>> measure_sets(
    ModelRunner& runner, const SweepRequest& request, std::span<const InterventionSet> sets,
    const JobContext& job, const std::function<void(const AblationEffect&)>& on_effect = {});

/// Mean over all texts, weighted by their tokens, of every head's output: [L * H, head_dim].
Result<Matrix> mean_head_outputs(ModelRunner& runner, std::span<const std::vector<std::int32_t>> texts,
                                 const JobContext& job);

}  // namespace headlight
