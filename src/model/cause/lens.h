// The logit lens over a recorded pass (causal.md c).
#pragma once

#include "core/cause/causal_run.h"
#include "model/cause/recording.h"

namespace headlight {

/// Every state through the final norm with its own divisor, and the head. Errors: Unsupported (no head),
/// InvalidInput, Cancelled.
Result<Lens> lens_of(const LoadedModel& model, const Recording& recording, const LensRequest& request,
                     const JobContext& job);

}  // namespace headlight
