// What came of replacing attention in one text.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/intervention.h"
#include "run/analyzed_text.h"

namespace headlight {

using Interventions = std::vector<Intervention>;
/// Null: none. Undo keeps these, so they are shared and never changed.
using InterventionsPtr = std::shared_ptr<const Interventions>;

/// A text whose attention was partly replaced. Immutable.
struct AblationResult {
    std::uint64_t base_id = 0;                  // AnalyzedText::id of the unchanged run
    InterventionsPtr interventions;             // as they were carried out (mean outputs filled in)
    std::shared_ptr<const AnalyzedText> after;  // same tokens, the changed trace and its analysis
    std::vector<float> base_loss, loss;         // [N - 1], nats of token t + 1; empty without next-token loss
    std::vector<float> kl, tvd;                 // [N], of the next-token distribution after each token
    std::optional<double> mean_base_loss, mean_loss;  // nats a token
    std::optional<double> worse_share;                // share of tokens whose loss grew
    std::optional<double> mean_kl, mean_tvd;          // over the tokens that predict one of the text
    int first_layer = 0;                              // first layer that was computed again
    double elapsed_ms = 0;
};

/// Means of the losses and distances; nullopt where there is nothing to take a mean of.
void fill_means(AblationResult& result);

/// "L1H3: uniform attention" or, of several, "L1H3: uniform attention and 2 more".
std::string describe_all(const Interventions& interventions, int num_layers, int num_heads);

}  // namespace headlight
