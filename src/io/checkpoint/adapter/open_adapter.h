// Folders that hold a PEFT adapter in place of a model, and state dicts of models with an adapter inside.
#pragma once

#include <string>

#include "base/result.h"
#include "io/checkpoint/checkpoint.h"

namespace headlight {

/// Does the folder hold an adapter: adapter_config.json, and adapter_model.safetensors or .bin or no
/// config.json? Never fails; looks at names only.
bool is_adapter(const std::string& path);

/// The folder or file of the adapter's base model: `adapter.base` where it was given, else what
/// base_model_name_or_path names: a path, also from the adapter's folder; a name in the Hugging Face cache; a
/// folder of that name beside the adapter's. Errors: Missing (says which base, where it was looked for and
/// what to run), Unsupported (a base that is an adapter itself, a revision that is not the cache's).
Result<std::string> find_base(const std::string& path, const AdapterChoice& adapter);

/// The base with the adapter merged into its weights, or as it is where `adapter` says so. `config_path`
/// takes the place of the base's config.json. Errors: those of find_base, read_adapter_config, merge_adapter
/// and of opening.
Result<CheckpointPtr> open_adapter(const std::string& path, const std::string& config_path,
                                   const AdapterChoice& adapter);

/// A whole PEFT model's state dict (base_layer.weight, lora_A.default.weight) becomes the merged model, with
/// the settings of the adapter_config.json beside it; any other checkpoint stays what it is. Errors:
/// Unsupported (there are no such settings), those of read_adapter_config and merge_adapter.
Result<CheckpointPtr> merge_own_adapter(CheckpointPtr opened);

/// Why --base does not go with this path.
Error no_adapter(const std::string& path);

}  // namespace headlight
