// From what is open to a value that can be saved, and back.
#pragma once

#include "session/parts/session_core.h"

namespace headlight {

/// What is open, and how it is looked at. What waits for its model is handed on as it is while no model is
/// open. An empty path: nothing is open that could be opened again.
SavedSession capture_session(const Session& session);

/// Brings all of it back; its model is open. Undo ends there.
void restore_session(Session& session, const OpenedSession& opened);

}  // namespace headlight
