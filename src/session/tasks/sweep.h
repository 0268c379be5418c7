// The sweep: every head of the shown text replaced in turn.
#pragma once

#include "core/intervention.h"

namespace headlight {

class Session;

/// Effects come in as they are known (Snapshot::sweep). A notice says why when there is no text or model for
/// it.
void start_sweep(Session& session, InterventionMode mode);
/// What is known stays.
void stop_sweep(Session& session);

}  // namespace headlight
