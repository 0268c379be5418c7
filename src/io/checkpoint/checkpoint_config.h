// config.json of a checkpoint, the same for every format.
#pragma once

#include <string>

#include "base/result.h"
#include "io/checkpoint/checkpoint.h"

namespace headlight {

/// Fills `config` and `config_path`: from `given` when not empty, else from config.json in the folder (or
/// beside the file) `path`; leaves null if there is none. Errors: Missing (`given` is not there), Corrupt (no
/// JSON object).
Status read_checkpoint_config(const std::string& path, const std::string& given, Checkpoint& checkpoint);

/// Weights without settings that say what they are, in a folder of their own below those of the model: takes
/// the config.json one folder above, with a note. Errors: Corrupt (no JSON object).
Result<CheckpointPtr> use_config_above(const std::string& path, CheckpointPtr opened);

}  // namespace headlight
