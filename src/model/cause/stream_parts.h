// What the parts of a recorded pass add to the stream.
#pragma once

#include <vector>

#include "core/cause/attribution.h"
#include "model/cause/frozen_stream.h"

namespace headlight {

/// All components in the order of the sum; those that a model lacks are listed and add 0.
std::vector<Component> stream_components(const Architecture& arch, const FrozenStream& stream);

/// What enters layer 0, taken apart.
struct EmbeddingParts {
    torch::Tensor tokens;     // [N, D]
    torch::Tensor positions;  // [N, D]; undefined where they are no part of their own
};
EmbeddingParts embedding_parts(const LoadedModel& model, const Recording& recording);

/// W_O of each head, [H, head_dim, D].
torch::Tensor output_of_heads(const Architecture& arch, const AttentionWeights& weights);

/// Vectors that all heads of `layer` add at `row` for outputs `heads` [H, head_dim]: through W_O, the norm on
/// the output with its divisor frozen, and the factor of the residual. [H, D]
torch::Tensor written_by_heads(const LoadedModel& model, const FrozenStream& stream, int layer, int row,
                               const torch::Tensor& heads);

/// Each component's vector at `row` as it reaches the output projection, [C, D]; the output bias as 0.
torch::Tensor part_vectors(const LoadedModel& model, const Recording& recording, const FrozenStream& stream,
                           int row, const std::vector<Component>& components);

}  // namespace headlight
