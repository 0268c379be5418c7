// The weights of a model on a device.
#pragma once

#include "model/weights/loaded_model.h"

namespace headlight {

/// What the blocks and the head of a model read, on `device`: in float32 where all of it fits there, else
/// half-precision matrices as they are stored, which every product widens. What is read on the processor
/// (embedding tables, relative positions) stays there. Errors: OutOfMemory, Cancelled.
Result<Weights> weights_on(const LoadedModel& model, torch::Device device, const JobContext& job);

}  // namespace headlight
