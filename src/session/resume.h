// What is open, as the commands that bring it back: how a session comes back at the next start.
#pragma once

#include <string>

#include "session/snapshot.h"

namespace headlight {

/// Lines of a script: open, text, heads, query, key, replaced attention. Empty while no model is open. What
/// no command can say (zoom, scroll, rows of the user's own) is left out.
std::string resume_script(const Snapshot& now);

}  // namespace headlight
