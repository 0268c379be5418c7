// Where the session is saved, what waits for its model, and what an earlier window left.
#pragma once

#include <map>
#include <string>

#include "run/saved/saved_session.h"

namespace headlight {

struct SavedState {
    std::string path;          // that Ctrl+S writes; empty: none yet
    bool is_changed = false;   // since it was written there
    SavedSessionPtr waiting;   // whose model could not be opened; null: none
    std::string waiting_path;  // of its file
    std::string offer;         // a session that a window left without an end; empty: none
    std::string offer_words;   // what it is of, and when
    std::string last;          // the session of the window that was closed last; empty: none
    // On models of which no session was saved, as this window left them, by notes_path(): newer than what
    // lies on the disk for a moment.
    std::map<std::string, NotesPtr> kept_notes;
};

}  // namespace headlight
