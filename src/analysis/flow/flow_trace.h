// What the flow methods share before they start.
#pragma once

#include "analysis/flow/flow.h"

namespace headlight {

/// Tokens that can reach `query` through any number of layers: all up to it when causal.
int count_row_tokens(const AttentionTrace& trace, int query);

/// That the query exists and value norms fit where the method needs them.
Status check_flow(const AttentionTrace& trace, const FlowRequest& request);

}  // namespace headlight
