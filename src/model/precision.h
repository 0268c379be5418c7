// Measures what running in a narrower type would change.
#pragma once

#include <span>

#include "base/progress.h"
#include "core/precision.h"
#include "model/weights/loaded_model.h"

namespace headlight {

/// Runs `ids` in float32 and in `dtype` ("bfloat16" or "float16") and compares; of an encoder-decoder the
/// encoder. The model itself is left as it is. Errors: InvalidInput (another type, ids), Cancelled.
Result<PrecisionReport> measure_precision_of(const LoadedModel& model, std::span<const std::int32_t> ids,
                                             const std::string& dtype, const JobContext& job);

}  // namespace headlight
