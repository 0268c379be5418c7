// The probe of a run: stops between layers, reports progress, and copies hidden states when a dump wants
// them.
#pragma once

#include <string>
#include <vector>

#include "base/progress.h"
#include "family/architecture.h"
#include "model/forward/probe.h"

namespace headlight {

/// The last of the hidden states of a run, as the reference hands them out: of pictures before the final
/// norm.
inline Site last_state_of(const Architecture& arch) {
    return arch.takes_pictures() ? Site::FinalInput : Site::FinalHidden;
}

class RunProbe : public Probe {
  public:
    RunProbe(const JobContext& job, bool wants_hidden, Site last_state = Site::FinalHidden)
        : job_(job), wants_hidden_(wants_hidden), last_state_(last_state) {}

    bool begin_layer(int layer, int num_layers) override {
        if (job_.should_stop()) return false;
        const std::string detail = "layer " + std::to_string(layer + 1) + " of " + std::to_string(num_layers);
        job_.report({"running the model", static_cast<double>(layer) / num_layers, detail});
        return true;
    }
    bool wants(Site site, int) const override {
        return wants_hidden_ && (site == Site::BlockInput || site == last_state_);
    }
    /// Copies: the pass goes on in the same memory.
    void visit(Site, int, torch::Tensor& tensor) override {
        const torch::Tensor state = tensor.squeeze(0);
        hidden_.push_back(state.is_cpu() ? state.clone() : state.to(torch::kCPU));
    }

    const std::vector<torch::Tensor>& hidden() const { return hidden_; }  // [L + 1] of [N, D]

  private:
    const JobContext& job_;
    bool wants_hidden_;
    Site last_state_;
    std::vector<torch::Tensor> hidden_;
};

}  // namespace headlight
