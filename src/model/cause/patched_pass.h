// A batch of passes from one layer on, each with something else in the place of what the base pass had there.
#pragma once

#include <functional>
#include <vector>

#include "core/cause/patching.h"
#include "model/cause/recording.h"
#include "model/forward/forward.h"

namespace headlight {

/// How many passes of `num_tokens` go in one batch: enough rows that the matrices are read seldom.
int passes_per_batch(const Architecture& arch, int num_tokens);

/// Final hidden states [B, N, D] of `cells`, which share their layer: base with the source's values put in.
/// Undefined when it was stopped.
torch::Tensor run_patched(const LoadedModel& model, const Recording& base, const Recording& source,
                          std::span<const PatchCell> cells, int question_row, const JobContext& job);

/// What enters `end_layer`, or leaves the last block, [B, N, D], when in the clean pass each sender (all of
/// one layer) has its corrupted output and every other head its clean one, at all positions. Feed-forward
/// parts are computed again, or keep their clean output.
torch::Tensor run_path(const LoadedModel& model, const Recording& clean, const Recording& corrupted,
                       std::span<const HeadId> senders, int end_layer, bool freezes_mlps);

/// Final hidden states of the clean pass in which `receiver` alone reads its query, key or value from
/// `entering` [B, N, D]; keys and values are those of this query head. Undefined when it was stopped.
torch::Tensor run_received(const LoadedModel& model, const Recording& clean, HeadId receiver, PathInput input,
                           const torch::Tensor& entering, const JobContext& job);

}  // namespace headlight
