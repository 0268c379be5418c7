// How the window writes on: how tokens are chosen, and whose rows they are said to be made from.
#pragma once

#include <cstdint>

#include "analysis/generation/sampling.h"

namespace headlight {

/// How tokens are chosen.
struct WritingSettings {
    SamplingSettings sampling = {.temperature = 0};  // temperature 0: greedy
    std::uint64_t seed = 1;
    int max_new_tokens = 32;  // of one `write`
    bool stops_at_end = true;
    bool operator==(const WritingSettings&) const = default;
};

/// Of one `write`.
inline constexpr int kMostTokensAtOnce = 4096;

/// Whose rows "what was this token made from" pools.
enum class MadeFromScope { AllHeads, Layer, Head };

}  // namespace headlight
