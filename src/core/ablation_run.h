// Changed passes of one text beside its unchanged pass.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/attention_trace.h"
#include "core/intervention.h"
#include "core/matrix.h"

namespace headlight {

/// What an ablated run should bring beside the loss.
struct AblationWish {
    bool wants_distribution = false;   // kl, tvd
    std::vector<int> logit_positions;  // queries whose logits are wanted
    bool wants_trace = false;          // patterns after the change, of every layer and head
    std::vector<KeySet> key_sets;      // for that trace
};

struct AblationOutcome {
    std::vector<float>
        token_loss;          // [N - 1]: -ln p(token t + 1 | tokens <= t), nats; empty for non-causal models
    std::vector<float> kl;   // [N]: KL(base || changed) of the next-token distribution, nats
    std::vector<float> tvd;  // [N]: total variation distance, 0..1
    std::vector<int> logit_positions;
    Matrix logits;        // [positions, vocab]
    TracePtr trace;       // null unless asked for
    int first_layer = 0;  // the first layer that was computed again
    double elapsed_ms = 0;
};

/// Ablations of one text. The unchanged pass is made once and what enters each layer is kept, so that a
/// change in layer l costs the layers from l on. Belongs to the runner that made it, which must outlive it;
/// one call at a time for both.
class AblationRun {
  public:
    virtual ~AblationRun() = default;
    /// Loss of the unchanged model, [N - 1] nats; empty for non-causal models.
    virtual const std::vector<float>& base_loss() const = 0;
    /// Mean over the text's tokens of each head's output before the output projection, [L * H, head_dim].
    virtual Matrix mean_outputs() const = 0;
    /// The changed pass. No interventions: the unchanged result. Errors: InvalidInput (a head, edge or
    /// pattern that does not fit the model and the text), Cancelled, OutOfMemory.
    virtual Result<AblationOutcome> apply(std::span<const Intervention> interventions,
                                          const AblationWish& wish, const JobContext& job) = 0;

    using OnOutcome = std::function<void(std::size_t, AblationOutcome&&)>;
    /// Several changed passes; those that begin at one layer share their products. `on_outcome` gets each in
    /// order, from the calling thread. They do not depend on the number of threads; base_loss() is measured
    /// again in that way at the first call. Errors as apply(); outcomes before the error are handed out.
    virtual Status apply_each(std::span<const std::vector<Intervention>> changes, const AblationWish& wish,
                              const JobContext& job, const OnOutcome& on_outcome) {
        for (std::size_t i = 0; i < changes.size(); ++i) {
            HEADLIGHT_TRY(AblationOutcome outcome, apply(changes[i], wish, job));
            on_outcome(i, std::move(outcome));
        }
        return {};
    }
};

}  // namespace headlight
