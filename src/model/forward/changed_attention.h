// The attention step of an ablation: the kernel computes every head, then the columns of the changed heads
// are written anew. Only the pattern and the output of a head change; its q, k and v stay what they are.
#pragma once

#include <map>
#include <span>
#include <tuple>
#include <vector>

#include "core/intervention.h"
#include "kernel/overlay_trace.h"
#include "model/forward/kernel_attention.h"
#include "model/weights/weights.h"

namespace headlight {

class ChangedAttention final : public AttentionStep {
  public:
    /// `interventions` are checked already and apply in their order: on one head a later pattern or output
    /// takes the place of an earlier one, cuts and factors act on what is there. All references must outlive
    /// the step.
    ChangedAttention(const Architecture& arch, const Weights& weights, KernelAttention& kernel,
                     std::span<const Intervention> interventions);

    torch::Tensor attend(int layer, const AttentionInputs& inputs) override;

    /// Rows that took the place of measured ones, of the heads that were attended so far.
    const std::map<HeadId, DenseRows>& replaced() const { return replaced_; }

  private:
    struct Change {
        const Intervention* intervention = nullptr;
        std::size_t index = 0;  // of the head in the intervention
    };
    /// Makes the head's rows of a change that has a pattern; null for one that has none.
    DenseRows rows_of(HeadId head, const Change& change);
    DenseRows constant_rows(int layer, const Intervention& intervention);
    DenseRows given_rows(int layer, const Matrix& pattern);
    DenseRows cut_rows(HeadId head, const Intervention& intervention);
    /// Writes the head's columns of `out` [N, head_dim], given its values [N, head_dim].
    void apply(HeadId head, const std::vector<Change>& changes, const torch::Tensor& values,
               torch::Tensor out);

    const Architecture& arch_;
    const Weights& weights_;
    KernelAttention& kernel_;
    int num_tokens_ = 0;
    std::map<HeadId, std::vector<Change>> changes_;
    std::map<HeadId, DenseRows> replaced_;
    std::map<std::tuple<InterventionMode, int, int>, DenseRows>
        constants_;                                             // by mode, window and the layer's window
    std::map<std::pair<const Matrix*, int>, DenseRows> given_;  // by pattern and the layer's window
};

}  // namespace headlight
