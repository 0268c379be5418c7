// Finds the checkpoints of a series in a folder, whatever code writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headlight {

struct FoundCheckpoint {
    std::int64_t step = 0;
    std::string path;       // a folder, or a weights file
    bool is_epoch = false;  // the name counts epochs
};

/// The step that a file or folder is named after: the last number in "step_100", "checkpoint-100",
/// "global_step100", "100", "model_000100.safetensors". nullopt: no number, a name under way
/// ("tmp-checkpoint-100", ".x"), or a shard
/// ("model-00001-of-00002.safetensors").
std::optional<std::int64_t> step_of_name(std::string_view name);

/// Checkpoints of `folder` and of its subfolder `checkpoints`, by step; of several of one step a folder
/// before a file, then the first by name. Never fails: what cannot be read is not there.
std::vector<FoundCheckpoint> find_checkpoints(const std::string& folder);

/// Seconds since anything in the folder (or the file) was last written.
double seconds_untouched(const std::string& path);

}  // namespace headlight
