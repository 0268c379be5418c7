// How attention changes across layers: shares per layer, and rollout from a token.
#pragma once

#include <span>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "core/attention_trace.h"
#include "core/matrix.h"

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

/// One link of the ribbon plot: `weight` flows from token `from` above layer `layer` down to token `to` below
/// it.
struct FlowLink {
    int layer = 0;
    int from = 0;
    int to = 0;
    double weight = 0;
};

/// Where one query of the top layer gets its content from.
struct Rollout {
    std::vector<double> input_share;    // [num_keys]: share of each input token in `query` at the top
    std::vector<double> raw_share;      // max-flow values before scaling; empty for the other methods
    std::vector<double> uniform_share;  // the same for uniform attention under the same mask
    std::vector<std::vector<double>>
        node;                     // [layer 0..L][token]: share that passes through the token below layer l
    std::vector<FlowLink> links;  // strongest by cumulative mass, per layer descending by weight
};

/// How attention is followed through the layers.
enum class FlowMethod {
    Rollout,  // row of B_L ... B_0, B_l = (mean over heads A_l + I) / 2 (Abnar and Zuidema 2020); O(L H T^2)
    ValueWeighted,  // the same with a_ij |f_j| of each head, scaled to sum 1, in place of a_ij (Kobayashi et
                    // al. 2020)
    MaxFlow  // B_l as capacities, maximum flow from (L, query) to each input token (Abnar and Zuidema 2020)
};
/// "rollout", "value_weighted", "max_flow".
const char* to_string(FlowMethod method);

struct FlowRequest {
    FlowMethod method = FlowMethod::Rollout;
    int query = 0;
    double mass = 0.7;   // links are kept per layer, heaviest first, until they carry this much
    int max_links = 60;  // per layer
    const Matrix* value_norms = nullptr;  // [L * H, num_keys] for ValueWeighted
};

/// Max-flow takes a query that sees at most this many tokens (itself included); weights under 1e-3 are left
/// out of its graph.
inline constexpr int kMostFlowTokens = 64;

/// Shares, their uniform null under the same mask, nodes and links by any of the methods. For MaxFlow
/// input_share is scaled to sum 1 as the published code does, `raw_share` holds the flows themselves.
/// Cancellable between layers. Errors: InvalidInput (query out of range, too many tokens for MaxFlow, no
/// value norms), Cancelled.
Result<Rollout> trace_flow(const AttentionTrace& trace, const FlowRequest& request, const JobContext& job);

/// One way from the query at the top down to an input token: tokens[l] below layer l, tokens[L] = the query.
struct FlowPath {
    std::vector<int> tokens;  // [L + 1], from the input (0) to the top (L)
    double weight = 0;        // product of B along the way
};

/// The heaviest paths from `query` to input token `input` (any input when -1), heaviest first: what the path
/// explorer lists. Weights come from the method's B (MaxFlow has that of Rollout). 1 to 256 paths; equal
/// weights: lower tokens first. Errors as trace_flow, but for the number of tokens.
Result<std::vector<FlowPath>> heaviest_paths(const AttentionTrace& trace, const FlowRequest& request,
                                             int input, int num_paths, const JobContext& job);

}  // namespace headlight
