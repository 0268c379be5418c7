// A probe looks into the forward pass: it is asked which sites it wants, is handed their tensors, and may put
// others in their place. Capture for dumps, ablation, pattern override, cancel and progress are probes.
#pragma once

#include <torch/types.h>

namespace headlight {

/// Where a probe may look; what it finds there it may replace. Shapes: B texts, N tokens, D hidden size, H
/// query heads.
enum class Site {
    /// [B, N, D] what enters the block.
    BlockInput,
    /// [B, N, H * head_dim] after bias, clipping and norm, before rotation; keys and values of Hkv heads, or
    /// of
    /// H where what replaces them is that wide.
    Query,
    Key,
    Value,
    /// [B, H, N, N] after softmax, forbidden keys 0.
    AttentionPattern,
    /// [B, N, H, head_dim] pattern times values, before the output projection; of cross-attention the same.
    HeadOutput,
    CrossHeadOutput,
    /// [B, N, D] what a part adds, after the norm on the output, before the factor of the residual.
    AttentionAdded,
    CrossAdded,
    MlpAdded,
    /// [B, N, D] what leaves the last block, and the same after the final norm (layer = num_layers).
    FinalInput,
    FinalHidden,
};

class Probe {
  public:
    virtual ~Probe() = default;

    /// Called before each block; false stops the pass, which then returns an undefined tensor.
    virtual bool begin_layer(int layer, int num_layers) {
        (void)layer, (void)num_layers;
        return true;
    }
    /// Asked once for every site of every layer. A pattern that nobody wants is never materialised.
    virtual bool wants(Site site, int layer) const {
        (void)site, (void)layer;
        return false;
    }
    /// Handed the tensor of a site that it wants; assigning another of the same shape replaces it.
    virtual void visit(Site site, int layer, torch::Tensor& tensor) { (void)site, (void)layer, (void)tensor; }
};

}  // namespace headlight
