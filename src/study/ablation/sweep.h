// Ablating every head in turn: which ones matter for this text, in nats a token, or for the answer to a
// question.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/cause/question.h"
#include "core/intervention.h"
#include "core/model_runner.h"

namespace headlight {

/// Effect of one intervention on the loss of one or several texts.
struct AblationEffect {
    std::vector<HeadId> heads;
    std::vector<int> mlp_layers;
    InterventionMode mode = InterventionMode::ZeroOutput;
    double base_loss = 0, loss = 0;  // mean nats a token over all scored tokens
    double delta = 0;                // loss - base_loss; > 0: the head helped
    std::optional<double> low,
        high;  // paired bootstrap 95 % of delta, over texts (over tokens when there is one text)
    double worse_share = 0;  // share of tokens whose loss grew
    std::optional<double> mean_kl, mean_tvd;
    int num_tokens = 0;  // scored
    std::optional<AnswerMetrics> base_answer,
        answer;  // where a question was asked; kl from the unchanged run
};

/// What is changed alone, one after the other.
enum class SweptPart {
    Head,
    Layer,  // all heads of a layer
    Mlp,    // its feed-forward part
};
/// "head", "layer", "mlp".
std::optional<SweptPart> swept_part(std::string_view name);

struct SweepRequest {
    std::vector<std::vector<std::int32_t>> texts;  // ids
    InterventionMode mode = InterventionMode::ZeroOutput;
    int window = 5;
    std::vector<HeadId> heads;  // each alone; empty: every head. Layers: those that hold one of them
    std::vector<SweptPart> parts = {SweptPart::Head};
    std::optional<Question> question;  // of the only text
    /// Scored targets of a text: loss index t (of token t + 1) counts when true; empty: all.
    std::vector<std::vector<bool>> scored;
    bool wants_distribution = false;
    std::uint64_t seed = 1;  // of the bootstrap
};

/// Effects, in the order of `heads`. `on_effect` is called as each is known (from the calling thread). One
/// unchanged pass per text; each head costs the layers from its own on. MeanOutput takes the mean over all
/// given texts. Errors: InvalidInput (also a question on several texts), Unsupported (a model without
/// next-token loss), Cancelled, the runner's.
Result<std::vector<AblationEffect>> sweep_heads(
    ModelRunner& runner, const SweepRequest& request, const JobContext& job,
    const std::function<void(const AblationEffect&)>& on_effect = {});

/// One intervention set on all texts.
Result<AblationEffect> measure_ablation(ModelRunner& runner, const SweepRequest& texts,
                                        const std::vector<Intervention>& interventions,
                                        const JobContext& job);

}  // namespace headlight
