// From what is open to a value that can be saved, and back.
#pragma once

#include "session/parts/session_core.h"

namespace headlight {

/// What is open, and how it is looked at. What waits for its model is handed on as it is while no model is
/// open, and what was open before a lesson while that is given. An empty path: nothing is open that could be
/// opened again.
SavedSession capture_session(const Session& session);

/// Texts, choice, changes, questions and how it was looked at, over the open model, which is that of `saved`.
void restore_state(Session& session, const SavedSession& saved);

/// Brings all of it back, with its notes and its file; its model is open. Undo ends there.
void restore_session(Session& session, const OpenedSession& opened);

}  // namespace headlight
