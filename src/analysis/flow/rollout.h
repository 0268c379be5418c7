// The two ways to follow attention, behind trace_flow(). Callers have checked the request.
#pragma once

#include "analysis/flow/flow.h"

namespace headlight {

/// Products of B: the query's row of B_L ... B_0, found by sending one vector down the layers, O(L H T^2).
/// Uniform null: even weights over the admissible keys in place of a_ij, with the same value norms where
/// there are any.
Result<Rollout> roll_out(const AttentionTrace& trace, const FlowRequest& request, const JobContext& job);

/// Maximum flow from the query at the top to each input token, B as capacities. Nodes and links are the sum
/// of the flows to all inputs, scaled to 1. Uniform null: the same graph made of even rows.
Result<Rollout> flow_at_most(const AttentionTrace& trace, const FlowRequest& request, const JobContext& job);

}  // namespace headlight
