// From logits to the distribution that the next token is drawn from (causal.md k), in the order of the
// reference library: repetition penalty, temperature, top-k, top-p, min-p.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace headlight {

struct SamplingSettings {
    double repetition_penalty = 1;  // > 0; 1 changes nothing
    double temperature = 1;         // 0: greedy, no draw
    int top_k = 0;                  // 0: all
    double top_p = 1;               // 1: all
    double min_p = 0;               // of the largest probability; 0: all
    bool operator==(const SamplingSettings&) const = default;
};

/// Probabilities [vocab] after the steps that `settings` switch on; `seen` are the ids of the text so far,
/// whose logits the penalty divides (or multiplies, below 0) once for each distinct id. Temperature 0 leaves
/// logits as they are. Sums in double; at least one token keeps a probability.
std::vector<double> sampling_probabilities(std::span<const float> logits, std::span<const std::int32_t> seen,
                                           const SamplingSettings& settings);

/// The likeliest token after the penalty alone; ties: the lowest id.
std::int32_t greedy_token(std::span<const float> logits, std::span<const std::int32_t> seen,
                          double repetition_penalty);

/// The number in [0, 1) that step `step` of a text with that seed is drawn with, whether the steps before
/// were drawn or not. Reproduces within Headlight only.
double draw_at(std::uint64_t seed, int step);

/// The token whose share of [0, 1) holds `uniform`, shares in the order of ids.
std::int32_t token_at(std::span<const double> probabilities, double uniform);

}  // namespace headlight
