// Notes on heads and cells: written, changed, removed and exported by commands.
#pragma once

#include "session/saved/notes_state.h"

namespace headlight {

class Session;

/// In place of those that are there; no step of undo.
void restore_notes(Session& session, NotesPtr notes);

}  // namespace headlight
