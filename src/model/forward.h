// The one forward pass, out of shared blocks that read an Architecture. The trainer runs it with torch's attention and
// gradients, the model runner with the capture kernel in its place.
#pragma once

#include <torch/types.h>

#include "model/architecture.h"
#include "model/probe.h"
#include "model/rope.h"
#include "model/weights.h"

namespace headlight {

/// What happens between the q, k, v projections and the output projection.
class AttentionStep {
  public:
    virtual ~AttentionStep() = default;
    /// query [B, N, H * head_dim], key and value [B, N, Hkv * head_dim], before rotation. Returns [B, N, H * head_dim].
    virtual torch::Tensor attend(int layer, const torch::Tensor& query, const torch::Tensor& key,
                                 const torch::Tensor& value, const RotaryTable& table) = 0;
};

/// Part of a text: N tokens from position `begin` of a text of `length` tokens.
struct TextSlice {
    int begin = 0;
    int length = 0;
};

/// Hidden states [B, N, D] after the final norm for ids [B, N] int64. Differentiable in the weights; softmax in float32.
/// Undefined when the probe stopped the pass.
torch::Tensor forward_hidden(const Architecture& arch, const Weights& weights, const torch::Tensor& ids,
                             Probe* probe = nullptr);

/// The same pass with another attention step, over a slice of the text.
torch::Tensor forward_slice(const Architecture& arch, const Weights& weights, const torch::Tensor& ids,
                            TextSlice slice, AttentionStep& attention, Probe* probe);

/// What enters the first block: embeddings [B, N, D] of ids [B, N] int64 from position `begin` on.
torch::Tensor embed_tokens(const Architecture& arch, const Weights& weights, const torch::Tensor& ids, int begin);

/// One block over x [B, N, D]; writes into x when no gradient is recorded.
torch::Tensor run_block(const Architecture& arch, const LayerWeights& layer, int index, torch::Tensor x,
                        const RotaryTable& table, AttentionStep& attention);

/// The rest of a pass: the blocks from `first_layer` on and the final norm, over x [B, N, D] that enters that block. Writes
/// into x when no gradient is recorded.
torch::Tensor forward_from(const Architecture& arch, const Weights& weights, torch::Tensor x, int first_layer,
                           TextSlice slice, AttentionStep& attention, Probe* probe);

/// Logits [.., vocab] of hidden states [.., D] that left the final norm.
torch::Tensor output_logits(const Architecture& arch, const Weights& weights, const torch::Tensor& hidden);

}  // namespace headlight
