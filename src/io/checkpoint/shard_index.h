// Shards: a JSON index that says which tensor lies in which file. The same for safetensors and PyTorch.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "io/checkpoint/checkpoint.h"

namespace headlight {

/// Appends the tensors of one file to the checkpoint.
using AddFile = std::function<Status(const std::string& path, Checkpoint& checkpoint)>;

/// Adds every shard of the index. Of a tensor that is in two of them the index says which counts; one that it
/// names and none holds goes to Checkpoint::absent. Errors: Corrupt (the index, two copies of which it names
/// neither), Missing (a shard), those of `add_file`.
Status add_shards(const std::string& index_path, Checkpoint& checkpoint, const AddFile& add_file);

/// Sorts the tensors by name. Errors: Corrupt (two of one name).
Status sort_tensors(Checkpoint& checkpoint);

}  // namespace headlight
