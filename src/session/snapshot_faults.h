// What in a snapshot does not belong together: the rule of SessionPart::drop_strangers(), looked at from
// outside by tests and by the monkey.
#pragma once

#include <string>
#include <vector>

#include "session/snapshot.h"

namespace headlight {

/// One sentence for everything that is not of the open model, its tokenizer and the shown text, or points
/// outside of it; empty when all is well. Reads every shown text again with the model's tokenizer.
std::vector<std::string> snapshot_faults(const Snapshot& now);

}  // namespace headlight
