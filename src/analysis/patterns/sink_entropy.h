// Evenness of a head when the tokens that serve as sinks are left out: the first one, and special tokens
// wherever they are.
#pragma once

#include <optional>
#include <span>

#include "core/attention_trace.h"
#include "core/head_id.h"

namespace headlight {

struct SinkFreeEntropy {
    std::optional<double>
        normalized;  // mean over rows of H(rest of the row, renormalised) / ln(its keys), 0..1
    std::optional<double> resting_share;  // share of rows that keep less than 0.05 outside the dropped keys
    int num_rows = 0;                     // that `normalized` is the mean of
};

/// Reads the rows themselves, since row statistics know only the first key. `dropped` are key indices in any
/// order. Rows that have no other key do not count; those with one other key count for resting_share only.
SinkFreeEntropy entropy_without_keys(const AttentionTrace& trace, HeadId id, std::span<const int> dropped);

}  // namespace headlight
