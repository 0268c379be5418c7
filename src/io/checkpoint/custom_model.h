// headlight.json: a home-made model opens without code. It names the family that the model resembles, that
// family's config, and how the file's tensors are called in it. docs/custom_models.md has the format.
#pragma once

#include <string>

#include "base/result.h"
#include "io/checkpoint/checkpoint.h"

namespace headlight {

inline constexpr const char* kCustomModelName = "headlight.json";

/// The description that belongs to a checkpoint: `path`.headlight.json beside a file, else headlight.json in
/// the folder. Empty if there is none.
std::string find_custom_model(const std::string& path);

/// Is this JSON a description and not a config.json?
bool is_custom_model(const nlohmann::json& json);

/// The checkpoint under the names and with the config that its description gives: `opened` as it is where
/// there is none, or where none of its rules fits a tensor of the file. A description in place of a config
/// (`opened->config`) counts before one that lies beside the file. Errors: Corrupt (the description), Missing
/// (a size that is left open), Unsupported (a rule that does not fit its tensor).
Result<CheckpointPtr> apply_custom_model(const std::string& path, bool has_given_config,
                                         CheckpointPtr opened);

}  // namespace headlight
