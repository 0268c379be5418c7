// What stands in front of a model's weights in the names of a file.
#pragma once

#include <string>
#include <vector>

#include "family/family.h"
#include "io/checkpoint/checkpoint.h"

namespace headlight {

/// A set of tensors whose names begin alike and then go on as the family's do.
struct WeightFront {
    std::string front;        // "student."; empty: names are the family's
    std::size_t count = 0;    // tensors of the family's table with this front
    std::size_t fitting = 0;  // those of them whose shape is the config's
};

/// Those that hold at least half of the family's tensors, the one to take first: most tensors of the config's
/// shapes, then most tensors, then no front, then one that is no copy for training ("teacher", "ema",
/// "momentum"), then by name.
std::vector<WeightFront> weight_fronts(const Family& family, const Architecture& arch,
                                       const std::vector<TensorInfo>& tensors);

/// A name without what torch.compile, DistributedDataParallel, FSDP and checkpointing put into it.
std::string without_wrappers(std::string_view name);

}  // namespace headlight
