// Top-k lists: most attended keys of a query, and next-token predictions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/attention_trace.h"

namespace headlight {

struct KeyWeight {
    int key = 0;
    double weight = 0;
};

/// The k heaviest of the admissible keys, descending; ties: lower index first. All if there are fewer than k.
std::vector<KeyWeight> top_keys(std::span<const float> row, KeyRange range, int k);

/// Mean over the heads of a layer of one row, [num_keys].
std::vector<float> mean_row_of_layer(const AttentionTrace& trace, int layer, int query);

struct TokenPrediction {
    std::int32_t id = 0;
    double probability = 0;
};

/// Softmax of logits in double, the k most probable, descending.
std::vector<TokenPrediction> top_predictions(std::span<const float> logits, int k);

}  // namespace headlight
