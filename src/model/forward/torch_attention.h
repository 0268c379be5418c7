// Attention by LibTorch's own operations: differentiable, and able to show and replace a whole pattern.
#pragma once

#include "model/forward/forward.h"

namespace headlight {

/// Attends over the keys that it is given (a whole text over itself; no kept prefix).
class TorchAttention final : public AttentionStep {
  public:
    TorchAttention(const Architecture& arch, Probe* probe) : arch_(arch), probe_(probe) {}

    torch::Tensor attend(int layer, const AttentionInputs& inputs) override;

  private:
    bool wants(Site site, int layer) const { return probe_ != nullptr && probe_->wants(site, layer); }
    /// Softmax pattern [B, H, N, N] of q, k [B, H, N, head_dim].
    torch::Tensor pattern(int layer, const AttentionInputs& inputs, const torch::Tensor& query,
                          const torch::Tensor& key) const;

    const Architecture& arch_;
    Probe* probe_;
};

/// Attends over another text: every query sees all keys, nothing is rotated. One set of keys serves all texts
/// of the batch.
class TorchCrossAttention final : public AttentionStep {
  public:
    explicit TorchCrossAttention(const Architecture& arch) : arch_(arch) {}
    torch::Tensor attend(int layer, const AttentionInputs& inputs) override;

  private:
    const Architecture& arch_;
};

/// True where query i may see key j, [num_tokens, num_tokens] bool.
torch::Tensor allowed_keys(const Architecture& arch, int layer, std::int64_t num_tokens);

}  // namespace headlight
