// Copying by weights (Wang et al. 2022): would a head that looks at a token raise that token's own logit?
#pragma once

#include <torch/types.h>

#include <span>

#include "base/progress.h"
#include "base/result.h"
#include "core/matrix.h"
#include "model/weights/loaded_model.h"

namespace headlight {

/// As ModelRunner::copy_ranks says: [L * H, ids], 0 = the token's own logit is the largest. The value bias
/// belongs to the way, the output bias does not. Errors: InvalidInput (ids), Cancelled.
Result<Matrix> copy_ranks_of(const LoadedModel& model, std::span<const std::int32_t> ids, bool negates,
                             const JobContext& job);

}  // namespace headlight
