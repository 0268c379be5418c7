// What a cell of an attention matrix is multiplied by when more than the plain weight is shown (causal.md a).
#pragma once

#include <optional>
#include <string_view>

#include "core/matrix.h"

namespace headlight {

/// Which weights the whole window, a figure or a report shows.
enum class WeightsShown {
    Raw,     // A
    NoSink,  // first key (and special keys) taken out, rows renormalised; rows that rest have no values
    Value,   // A |v|
    Norm,    // what the cell adds to the stream: |A v W_O|, through the norm on the output where there is one
    Effect,  // signed direct effect on the answer, in logits
};

inline constexpr WeightsShown kWeightsShown[] = {WeightsShown::Raw, WeightsShown::NoSink, WeightsShown::Value,
                                                 WeightsShown::Norm, WeightsShown::Effect};

/// "raw", "no-sink", "value", "norm", "effect": options and scripts.
const char* to_string(WeightsShown weights);
/// "weights", "no sink", "× value", "as written", "effect": switches and titles.
const char* label_of(WeightsShown weights);
std::optional<WeightsShown> weights_shown(std::string_view name);

/// Cell (i, j) of head h in layer l shows A_ij key[l * H + h, j] query[l, i].
struct CellFactors {
    Matrix key;    // [L * H, N] >= 0 but for Effect
    Matrix query;  // [L, N]; empty: 1 everywhere
    std::string_view unit = "";
};

}  // namespace headlight
