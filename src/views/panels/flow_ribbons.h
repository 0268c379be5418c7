// Ribbons of the rollout: layers from left to right, tokens from top to bottom.
#pragma once

#include <memory>
#include <vector>

#include "analysis/flow/flow.h"
#include "views/view.h"

namespace headlight {

/// Tokens that take part, in text order, and how much of the rollout passes through them.
struct RibbonTokens {
    std::vector<int> tokens;    // ascending
    std::vector<double> share;  // parallel: input share
    std::vector<int> row_of;    // [num_tokens], -1: not shown
};

/// Tokens of the drawn links and of the largest input shares, at most `most`.
RibbonTokens choose_ribbon_tokens(const Rollout& rollout, int num_tokens, int query, int most);

class RibbonPlot {
  public:
    void draw(ViewContext& context, const std::shared_ptr<const Rollout>& rollout, int query,
              FlowMethod method);

  private:
    std::shared_ptr<const Rollout> rollout_;  // what tokens_ was chosen from
    RibbonTokens tokens_;
    int query_ = -1, most_ = 0;
};

}  // namespace headlight
