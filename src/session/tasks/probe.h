// The random-repeat probe: content detectors measured on random tokens that repeat.
#pragma once

#include "run/probe_run.h"
#include "session/task.h"

namespace headlight {

class Session;

struct ProbeState {
    Task<ProbeResult> task;
};

/// The result is in Snapshot::part<ProbeState>(). A notice says why when there is no model, or one with two
/// texts.
void start_probe(Session& session, const ProbeSettings& settings = {});

}  // namespace headlight
