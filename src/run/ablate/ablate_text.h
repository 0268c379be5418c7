// Replacing attention in a text and measuring what it costs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "run/ablate/ablate_result.h"
#include "run/cause/question_options.h"
#include "run/text_tokens.h"

namespace headlight {

struct AblateRequest {
    TextOptions text;
    std::string heads;  // "1.3,2.0"
    std::vector<int> layers;
    bool all = false, sweep = false;
    std::string mode;  // empty: uniform, or what the other options imply
    int window = 5;
    std::vector<std::string> parts;  // of a sweep: "head", "layer", "mlp"; empty: heads
    QuestionOptions question;        // what is measured on the answer too, and heads are ranked by
    std::string metric;              // "probability", "logit", "difference", "kl", "loss"; empty: as there is
    std::vector<std::string> edges;  // "1.3:7>2"
    std::string pattern_path, from_text;
    double factor = 0;
    bool has_factor = false;
    bool has_repeat_probe = false;
    bool has_tokens = false;  // per-token table
    std::optional<int> query;
    int top_k = 5, window_length = 256;
    std::uint64_t seed = 1;
};

/// Texts of the request: windows of the text, or random repeats whose second copy is scored.
Status choose_texts(const AblateRequest& options, const LiveModel& model, const TellUser& tell,
                    AblateResult& result);

/// What is put in the place of attention. Errors: InvalidInput with the option that is wrong.
Result<std::vector<Intervention>> choose_interventions(const AblateRequest& options, const LiveModel& model,
                                                       const AblateResult& texts, const JobContext& job);

/// "1.3", "L1H3". Errors: InvalidInput.
Result<HeadId> parse_head(const std::string& text, const ModelSpec& spec);
/// "1.3,2.0"; empty: none. Errors: InvalidInput.
Result<std::vector<HeadId>> parse_heads(const std::string& text, const ModelSpec& spec);

/// Runs everything. A sweep that is stopped keeps what was measured and says so in the result.
Result<AblateResult> ablate_text(
    const AblateRequest& request, const LiveModel& model, const TellUser& tell, const JobContext& job,
    const std::function<void(const AblationEffect&, int done, int wanted)>& on_effect);

}  // namespace headlight
