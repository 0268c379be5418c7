// The weights among what a training script saved: the state dict, wherever it is nested, under clean names.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "io/torch/torch_file.h"

namespace headlight {

struct TorchState {
    std::vector<TensorInfo> tensors;  // in the order of the file
    nlohmann::json config;            // settings that were saved beside the weights; null if there are none
    std::vector<std::pair<std::string, std::string>> absent;  // as Checkpoint has it: values that are code
    std::vector<std::string> code;  // names of what code would make, anywhere in the file, each once
};

/// Looks for tensors at the top and under the usual keys ("model_state_dict", "state_dict", "model" ...),
/// else anywhere, under names with the keys that lead to them. Errors: Missing (no tensors; says which keys
/// there are), Unsupported (they are code), those of torch_tensor.
Result<TorchState> find_torch_state(const TorchFile& torch, std::size_t file_index);

/// Takes off wrapper prefixes ("module.", "_orig_mod.", "model.") as long as all names of the checkpoint
/// share one.
void strip_wrappers(std::vector<TensorInfo>& tensors);

}  // namespace headlight
