// One row of a head, from its pieces: products per dimension, their sum, scale, bias, cap, mask, sink,
// softmax.
#pragma once

#include <vector>

#include "core/score_parts.h"

namespace headlight {

/// What a query gives one key, step by step.
struct KeyScore {
    int key = 0;
    bool is_masked = false;  // then only `product` and `scaled` mean something
    double product = 0;      // q·k
    double scaled = 0;       // times the scale
    double bias = 0;         // added
    double score = 0;        // after the cap
    double weight = 0;       // after the softmax
};

struct ScoreRow {
    int query = 0;
    std::vector<KeyScore> keys;  // [num_keys] in their order
    double sink_weight = 0;      // that goes to the learned sink; 0 without
};

/// `range`: keys that the mask allows, as AttentionTrace::admissible() says. In double.
ScoreRow score_row(const ScoreParts& parts, int query, KeyRange range);

/// q_d k_d of one pair, [depth].
std::vector<float> products(const ScoreParts& parts, int query, int key);

}  // namespace headlight
