// Which tokens a picture of the rollout shows.
#pragma once

#include <vector>

#include "analysis/flow/flow.h"

namespace headlight {

/// Tokens that take part, in text order, and how much of the rollout passes through them.
struct RibbonTokens {
    std::vector<int> tokens;    // ascending
    std::vector<double> share;  // parallel: input share
    std::vector<int> row_of;    // [num_tokens], -1: not shown
};

/// Tokens of the drawn links and of the largest input shares, at most `most`.
RibbonTokens choose_ribbon_tokens(const Rollout& rollout, int num_tokens, int query, int most);

}  // namespace headlight
