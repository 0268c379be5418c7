// What the top bar says about the model and the run.
#pragma once

#include <string>

#include "session/snapshot.h"

namespace headlight {

/// "27 tokens · 148 ms · 26 reused".
std::string run_words(const Snapshot& snapshot);
/// "llama · 30 layers × 9 heads (3 kv) · float32".
std::string model_words(const Snapshot& snapshot);

/// "• study.headlight · SmolLM2-135M · When Mary and John …": what the window system shows, with a dot while
/// the session is not saved as it is; "Headlight" with nothing open.
std::string window_title(const Snapshot& snapshot);

}  // namespace headlight
