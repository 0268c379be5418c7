// Whom one head reads and by whom it is read: its row and column of the composition scores, alone.
#pragma once

#include <functional>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/head_id.h"
#include "core/head_weights.h"

namespace headlight {

struct CompositionPartner {
    HeadId head;
    double score = 0;
};

/// Strongest first.
struct CompositionPartners {
    std::vector<CompositionPartner> query, key, value;  // earlier heads that it reads as query, key, value
    std::vector<CompositionPartner> read_as_query, read_as_key, read_as_value;  // later heads that read it
    double baseline = 0;  // of random matrices of these shapes, 1 / sqrt(hidden size)
};

/// The scores of compute_composition() that `head` is part of, at most `count` of each kind. Errors:
/// InvalidInput, Cancelled, those of weights_of.
Result<CompositionPartners> composition_partners(
    int num_layers, int num_heads, HeadId head,
    const std::function<Result<HeadWeights>(int, int)>& weights_of, int count, const JobContext& job);

}  // namespace headlight
