// Where passes run that are not the capture kernel's: a device that LibTorch's operations work on.
#pragma once

#include <torch/types.h>

#include <optional>
#include <string>

#include "base/result.h"

namespace headlight {

/// The device of a name (is_device_name()); nullopt: passes are the capture kernel's ("cpu", and "auto"
/// without a GPU). Turns off the shortened float32 of GPUs (TF32: 10 bits of mantissa in place of 23), whose
/// attention would not be that of the float32 model. Errors: InvalidInput (another name), Missing (no such
/// GPU) with what was found and what to do.
Result<std::optional<torch::Device>> find_device(const std::string& name);

/// As the options name it: "cpu", "cpu-torch", "cuda:0".
std::string device_label(const std::optional<torch::Device>& device);

}  // namespace headlight
