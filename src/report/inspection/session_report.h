// What a session file holds, for `inspect`.
#pragma once

#include <string>

#include "run/saved/saved_session.h"

namespace headlight {

/// One line for each thing that is in it. `path`: of the file.
std::string session_text(const SavedSession& session, const std::string& path);

}  // namespace headlight
