// What `ablate` measures before anything is printed.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/model_source.h"
#include "core/intervention.h"
#include "study/ablation/sweep.h"

namespace headlight {

struct AblateOptions {
    ModelOptions model;
    TextOptions text;
    std::string heads;  // "1.3,2.0"
    std::vector<int> layers;
    bool all = false, sweep = false;
    std::string mode;  // empty: uniform, or what the other options imply
    int window = 5;
    std::vector<std::string> edges;  // "1.3:7>2"
    std::string pattern_path, from_text;
    double factor = 0;
    bool has_factor = false;
    bool has_repeat_probe = false;
    bool has_tokens = false;  // per-token table
    std::optional<int> query;
    int top_k = 5, window_length = 256;
    std::uint64_t seed = 1;
    std::string json_path;
};

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

struct AblateResult {
    ModelSpec spec;
    std::string text_name;
    std::vector<TokenizedText> texts;
    std::vector<std::vector<bool>> scored;  // empty: every token
    std::string title;                      // "L1H3: uniform attention"
    InterventionMode mode = InterventionMode::Uniform;
    bool is_sweep = false, was_stopped = false;
    int num_wanted = 0;                   // heads of a sweep
    std::vector<AblationEffect> effects;  // one, or those of a sweep in the order measured
    std::optional<int> query;             // of the predictions, in the last text
    std::vector<AblatedPrediction> before, after;
    std::vector<AblatedToken> tokens;  // of the last text, when asked for
};

/// Texts of the request: windows of the text, or random repeats whose second copy is scored.
Status choose_texts(const AblateOptions& options, const OpenedModel& model, AblateResult& result);

/// What is put in the place of attention. Errors: InvalidInput with the option that is wrong.
Result<std::vector<Intervention>> choose_interventions(const AblateOptions& options, OpenedModel& model,
                                                       const AblateResult& texts, const JobContext& job);

/// "1.3", "L1H3". Errors: InvalidInput.
Result<HeadId> parse_head(const std::string& text, const ModelSpec& spec);

/// Runs everything. A sweep that is stopped keeps what was measured and says so in the result.
Result<AblateResult> run_ablation(
    const AblateOptions& options, OpenedModel& model, const JobContext& job,
    const std::function<void(const AblationEffect&, int done, int wanted)>& on_effect);

}  // namespace headlight
