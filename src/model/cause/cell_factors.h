// What the cells of a recorded pass are multiplied by (causal.md a).
#pragma once

#include "core/cause/cell_factors.h"
#include "core/cause/question.h"
#include "model/cause/frozen_stream.h"

namespace headlight {

/// Value vectors of one layer, one per query head, [H, N, head_dim]; without the value bias unless
/// `has_bias`.
torch::Tensor head_values(const LoadedModel& model, const Recording& recording, int layer, bool has_bias);

/// |v_j| per query head, [L * H, N].
Matrix value_lengths(const LoadedModel& model, const Recording& recording, bool has_bias);

/// |f_j|, f_j = v_j W_O: before the norm on the output and the factor of the residual, [L * H, N].
Matrix moved_lengths(const LoadedModel& model, const Recording& recording, bool has_bias);

/// Norm: what a cell adds to the stream, the norm on the output frozen at the query.
CellFactors written_factors(const LoadedModel& model, const Recording& recording, const FrozenStream& stream,
                            bool has_bias);

/// Effect on `directions` [1, width] of the output table, at every row.
CellFactors effect_factors(const LoadedModel& model, const Recording& recording, const FrozenStream& stream,
                           const torch::Tensor& directions, bool has_bias);

}  // namespace headlight
