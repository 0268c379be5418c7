// The comparison of the model with a reference's attention, layer by layer.
#pragma once

#include <string>

#include "session/task.h"
#include "study/parity/parity.h"

namespace headlight {

class Session;

struct ParityState {
    std::string path;  // the reference; empty: nothing was compared with this model
    Task<ParityReport> task;
};

/// Compares with a file of reference attention; the result is in Snapshot::part<ParityState>(). A notice says
/// why when there is no model.
void start_parity(Session& session, const std::string& reference_file);

}  // namespace headlight
