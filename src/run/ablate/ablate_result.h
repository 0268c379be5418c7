// What `ablate` measured: the input of its reports.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/intervention.h"
#include "core/model_spec.h"
#include "core/token.h"
#include "study/ablation/sweep.h"

namespace headlight {

/// One prediction before and after.
struct AblatedPrediction {
    std::int32_t id = 0;
    std::string piece;
    double probability = 0;
};

struct AblatedToken {
    std::int32_t id = 0;
    std::string display;
    std::optional<double> base_loss, loss;  // of this token given those before; absent for the first
    std::optional<double> kl;               // of the distribution that predicted it
};

/// What changes are ranked by: the loss, the distribution, or the answer to a question.
enum class AblationMetric { Loss, Kl, Probability, Logit, Difference };
/// "loss", "kl", "probability", "logit", "difference".
const char* to_string(AblationMetric metric);
std::optional<AblationMetric> ablation_metric(std::string_view name);
/// Largest first of what the change cost: loss or KL gained, probability, logit or difference lost. Nullopt
/// where it was not measured.
std::optional<double> cost_of(const AblationEffect& effect, AblationMetric metric);

struct AblateResult {
    ModelSpec spec;
    std::string text_name;
    std::vector<TokenizedText> texts;
    std::vector<std::vector<bool>> scored;  // empty: every token
    std::string title;                      // "L1H3: uniform attention"
    InterventionMode mode = InterventionMode::Uniform;
    AblationMetric metric = AblationMetric::Loss;
    std::optional<Question> question;
    std::string question_words;  // "after ·to (13): ·Mary and not ·John"
    bool is_sweep = false, was_stopped = false;
    int num_wanted = 0;                   // changes of a sweep
    std::vector<AblationEffect> effects;  // one, or those of a sweep in the order measured
    std::optional<int> query;             // of the predictions, in the last text
    std::vector<AblatedPrediction> before, after;
    std::vector<AblatedToken> tokens;  // of the last text, when asked for
};

}  // namespace headlight
