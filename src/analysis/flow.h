// How attention changes across layers: shares per layer, and rollout from a token.
#pragma once

#include <span>
#include <vector>

#include "core/attention_trace.h"

namespace headlight {

/// Mean shares over rows >= 2 and heads of one layer; the four are disjoint and sum to 1.
struct FlowShares {
    double self = 0, previous = 0, first = 0, other = 0;
    bool is_valid = false;  // false below 3 tokens
};

/// One per layer.
std::vector<FlowShares> flow_shares(const AttentionTrace& trace);
/// What a head that spreads evenly would give: self = previous = first = (H_T - 1.5) / (T - 2) when causal.
FlowShares uniform_flow_shares(const AttentionTrace& trace);

/// One link of the ribbon plot: `weight` flows from token `from` above layer `layer` down to token `to` below it.
struct FlowLink {
    int layer = 0;
    int from = 0;
    int to = 0;
    double weight = 0;
};

/// Attention rollout (Abnar and Zuidema 2020): B_l = (mean over heads A_l + I) / 2, R = B_L ... B_0 row of `query`.
struct Rollout {
    std::vector<double> input_share;       // [num_keys]: share of each input token in `query` at the top
    std::vector<double> uniform_share;     // the same for uniform attention under the same mask
    std::vector<std::vector<double>> node; // [layer 0..L][token]: share that passes through the token below layer l
    std::vector<FlowLink> links;           // strongest by cumulative mass, per layer descending by weight
};

/// Links are kept per layer, heaviest first, until they carry `mass` of that layer's flow, at most `max_links`.
/// Costs O(L H T^2); `head_mean` is taken from the trace row by row.
Rollout compute_rollout(const AttentionTrace& trace, int query, double mass = 0.7, int max_links = 60);

}  // namespace headlight
