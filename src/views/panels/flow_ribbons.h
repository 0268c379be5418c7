// Ribbons of the rollout: layers from left to right, tokens from top to bottom.
#pragma once

#include <memory>
#include <vector>

#include "analysis/flow/ribbon_tokens.h"
#include "views/view.h"

namespace headlight {

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
