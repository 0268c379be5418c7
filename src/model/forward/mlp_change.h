// The feed-forward half of an ablation: what these parts add becomes nothing, or is scaled.
#pragma once

#include <map>
#include <span>

#include "core/intervention.h"
#include "model/forward/run_probe.h"

namespace headlight {

/// Changes what feed-forward parts add on its way.
class MlpChange final : public RunProbe {
  public:
    MlpChange(const JobContext& job, std::span<const Intervention> interventions)
        : RunProbe(job, /*wants_hidden=*/false) {
        for (const Intervention& change : interventions) {
            const double factor = change.mode == InterventionMode::Scale ? change.factor : 0.0;
            for (const int layer : change.mlp_layers)
                factors_.emplace(layer, 1.0).first->second *= factor;
        }
    }
    bool wants(Site site, int layer) const override {
        return site == Site::MlpAdded && factors_.count(layer) != 0;
    }
    void visit(Site, int layer, torch::Tensor& tensor) override { tensor = tensor * factors_.at(layer); }

  private:
    std::map<int, double> factors_;
};

}  // namespace headlight
