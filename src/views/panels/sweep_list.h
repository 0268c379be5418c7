// The heads of a sweep, ranked by what replacing each does to the loss.
#pragma once

#include <memory>
#include <vector>

#include "views/view.h"

namespace headlight {

/// Largest effect first, whatever its sign stands for.
std::vector<AblationEffect> ranked_effects(const SweepState& sweep);

class SweepList {
  public:
    void draw(ViewContext& context, const SweepState& sweep);

  private:
    std::uint64_t known_id_ = 0;
    InterventionMode known_mode_ = InterventionMode::ZeroOutput;
    std::size_t num_known_ = 0;
    std::vector<AblationEffect> ranked_;
};

}  // namespace headlight
