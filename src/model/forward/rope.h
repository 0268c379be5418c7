// Rotary position embedding: frequencies of every kind of scaling, tables of cos and sin, and the rotation
// itself.
#pragma once

#include <torch/types.h>

#include "family/architecture.h"
#include "model/weights/weights.h"

namespace headlight {

/// cos and sin of every position, already times the attention factor.
struct RotaryTable {
    torch::Tensor cos, sin;     // [positions, rotary_dim / 2] float32; undefined without rotary positions
    torch::Tensor query_scale;  // [positions] of the queries alone; undefined: 1
};

/// Angle per token of each pair, [rotary_dim / 2] float32. `length`: tokens of the whole text, on which
/// Dynamic and LongRope depend. Formulas: RoFormer (Su et al.), position interpolation (Chen et al.),
/// NTK-aware scaling, YaRN (Peng et al.), LongRoPE (Ding et al.), Llama 3.1's model card; float32 steps as
/// the reference library takes them.
torch::Tensor rope_frequencies(const RopeSettings& rope, int length);

/// Changes exactly when two lengths give different frequencies; work kept for one length is then useless for
/// the other.
int rope_regime(const Architecture& arch, int length);

/// Table for positions [begin, begin + count) of a text of `length` tokens.
RotaryTable make_rotary_table(const RopeSettings& rope, int begin, int count, int length);

/// The same for a layer of `arch`; of one that does not rotate it has the scale of its queries at most.
RotaryTable make_layer_table(const Architecture& arch, const Weights& weights, int layer, int begin,
                             int count, int length);

/// Tables of the rotations that the layers of a model use.
struct RotaryTables {
    RotaryTable main, local, none;
    const RotaryTable& of(RopeUse use) const {
        return use == RopeUse::Main ? main : use == RopeUse::Local ? local : none;
    }
};
/// From what the file says of the rotation, where it does.
RotaryTables make_rotary_tables(const Architecture& arch, const Weights& weights, int begin, int count,
                                int length);

/// Rotates the first rotary_dim coordinates of x [B, N, heads, head_dim]. Differentiable.
torch::Tensor rotate(const torch::Tensor& x, const RotaryTable& table, RopePairing pairing);

/// Queries or keys x [B, N, heads, head_dim] as scores take them: rotated where there are tables, then times
/// `gain` [head_dim] where it is defined, and queries times their scale.
torch::Tensor place_keys(const torch::Tensor& x, const RotaryTable& table, RopePairing pairing,
                         const torch::Tensor& gain);
torch::Tensor place_queries(const torch::Tensor& x, const RotaryTable& table, RopePairing pairing,
                            const torch::Tensor& gain);

}  // namespace headlight
