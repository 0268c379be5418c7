// The weights of a checkpoint in memory, before a pass needs them.
#pragma once

#include <cstdint>
#include <string>

#include "base/progress.h"
#include "base/result.h"
#include "io/checkpoint/checkpoint.h"

namespace headlight {

/// Bytes of all weights as they lie in the files.
std::uint64_t weight_bytes(const Checkpoint& checkpoint);

/// What it costs to run weights of so many bytes with so much memory left, as a sentence for the user; empty
/// where they fit. Such weights are not fetched: what is read in front would push out what was read before.
std::string weights_beyond_memory(std::uint64_t weight_bytes, std::uint64_t available_bytes);

/// Fetches the pages of the weights on the calling thread, with progress when it takes a while. Single
/// experts are left for the tokens that ask for them. Errors: Cancelled.
Status fetch_weights(const Checkpoint& checkpoint, const JobContext& job);

}  // namespace headlight
