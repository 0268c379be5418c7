// A LoRA adapter and its base as one checkpoint.
#pragma once

#include <vector>

#include "base/result.h"
#include "io/checkpoint/adapter/adapter_config.h"
#include "io/checkpoint/adapter/adapter_names.h"
#include "io/checkpoint/checkpoint.h"

namespace headlight {

/// A tensor of the adapter; the checkpoint that it lies in is named where it is merged.
struct AdapterTensor {
    AdapterName name;
    TensorInfo tensor;
};

/// `base` with the adapter in its weights, in float32: W + s B A, s = alpha / r (Hu et al. 2021) or
/// alpha / sqrt(r) (Kalajdzievski 2023); DoRA scales each output to its magnitude (Liu et al. 2024); saved
/// modules and biases take the place of the base's, chosen rows that of a table's. `from` holds the bytes of
/// `tensors`, whose files are added. Other weights stay mapped as they are. Errors: Corrupt (shapes that do
/// not fit, a module that the base has not, A without B), Unsupported (names the tensor).
Result<CheckpointPtr> merge_adapter(const Checkpoint& base, const Checkpoint& from,
                                    const std::vector<AdapterTensor>& tensors, const AdapterConfig& config);

}  // namespace headlight
