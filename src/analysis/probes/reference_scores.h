// Head scores as the TransformerLens library computes them, for cross-checks. They divide by every row, so
// they read lower than the detectors' scores: a perfect previous-token head has (T - 1) / T.
#pragma once

#include <optional>
#include <span>

namespace headlight {

enum class ReferenceMeasure {
    Mul,  // sum(A * P) / sum(A)
    Abs   // 1 - T mean |A - P|
};

struct ReferenceOptions {
    ReferenceMeasure measure = ReferenceMeasure::Mul;
    bool excludes_first = false;  // column 0
    bool excludes_self = false;   // diagonal
};

/// `weights` and `pattern` (0 or 1) are [T, T] of one head. Excluded entries count 0 on both sides; rows are
/// not renormalised. nullopt when the sizes differ from T * T, or nothing is left to divide by.
std::optional<double> reference_score(std::span<const float> weights, std::span<const float> pattern,
                                      int num_tokens, const ReferenceOptions& options = {});

}  // namespace headlight
