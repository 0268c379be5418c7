// Where a model lies on this machine: a path, or a name in the cache that Hugging Face's own tools fill.
// Never the network.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace headlight {

/// `name` itself if it is a file or folder; else, for "org/name" or "name", the folder of its snapshot in the
/// Hugging Face cache: $HF_HUB_CACHE, else $HF_HOME/hub, else $XDG_CACHE_HOME/huggingface/hub, else
/// ~/.cache/huggingface/hub. The snapshot is the one that refs/main names. Errors: Missing (says where it
/// looked and what to run to download it, also where the snapshot was not downloaded whole), InvalidInput
/// (empty), Unsupported (a pipe, socket or device: nothing waits for it).
Result<std::string> find_model_path(const std::string& name);

/// The same, and where the weights, the index or the settings of a folder were named
/// ("model/model.safetensors", "model/config.json", the only .gguf file), that folder: whatever opens a model
/// then sees the same one, with its config, tokenizer and name. For a folder whose model lies below it:
/// model_folder_in(). A file that the folder would not be opened by
/// (a .ckpt of a training run, one of several) stays.
Result<std::string> resolve_model_path(const std::string& name);

/// For "models--org--name" of a Hugging Face cache, or its refs or snapshots: the folder of the snapshot that
/// refs/main names, or of the only one. Nothing for other folders.
std::optional<std::string> snapshot_in(const std::string& folder);

/// Names ("org/name") of the models that lie in the Hugging Face cache, in order; empty where there is none.
/// At most 200. Reads one folder.
std::vector<std::string> cached_model_names();

/// What people call the model at `path`: "org/name" in a cache snapshot (or for a file in it), else the last
/// part.
std::string model_name_of(const std::string& path);

/// For the folder of a cache snapshot: are there weights, and every shard that an index names? Other paths
/// are always complete. Errors: Missing, with the command that downloads the rest.
Status check_snapshot_is_whole(const std::string& path);

}  // namespace headlight
