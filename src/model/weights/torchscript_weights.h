// Weights out of a TorchScript archive. Loading one runs code of the file, so this is done only where the
// user said that the file is trusted (OpenModelRequest::trusts_torchscript).
#pragma once

#include <string>

#include "base/result.h"
#include "io/checkpoint/checkpoint.h"

namespace headlight {

/// The named parameters and buffers of the module as a checkpoint in memory, its forward() never called;
/// parts of the names that all share (a wrapper's "m.") are taken off. The config is `config_path`, else the
/// config.json beside the file. Errors: Missing, Corrupt (what LibTorch says of the archive), Unsupported (no
/// weights, an element type that is not read).
Result<CheckpointPtr> open_torchscript(const std::string& path, const std::string& config_path = {});

}  // namespace headlight
