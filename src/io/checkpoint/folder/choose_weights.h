// Which of the weight files of a folder is its model's.
#pragma once

#include "io/checkpoint/checkpoint.h"

namespace headlight {

/// Opens a folder by the file whose tensors fit its config.json: first the names that the reference gives its
/// weights, then the only one that fits among the .safetensors, the files of torch.save, the .gguf. Files
/// that this program wrote for something else (measured attention, a training state) never count. Where none
/// fits, the first of the usual names or the only file there is. Errors: Missing (no weights, or several
/// files that might be meant, by name), those of the format.
Result<CheckpointPtr> open_weights_in(const std::string& folder, const std::string& config_path);

/// One file or index, by the first format that takes it.
Result<CheckpointPtr> open_weights_file(const std::string& path, const std::string& config_path);

}  // namespace headlight
