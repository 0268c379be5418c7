// Session files: one JSON object a file (docs/sessions.md).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "run/saved/saved_session.h"

namespace headlight {

/// Version of the format that is written; older ones are read.
inline constexpr int kSessionFormat = 1;
inline constexpr std::size_t kMostSessionBytes = std::size_t{64} << 20;

/// For a file at `path`: paths of other files stand as they are, and as seen from its folder. Errors:
/// InvalidInput (more than kMostSessionBytes).
Result<std::string> session_to_json(const SavedSession& session, const std::string& path);

/// Bounds every length and number; what is missing is as in a new session. Paths are those seen from the
/// file's folder where something lies there, else the absolute ones. Errors: Corrupt (no JSON, no session, a
/// value of another type or out of bounds, with its key), Unsupported (of a newer format).
Result<SavedSession> session_from_json(std::string_view text, const std::string& path);

/// Errors: also Missing and what read_text_file() says.
Result<SavedSession> read_session(const std::string& path);

/// Atomic. Errors: also Internal.
Status write_session(const SavedSession& session, const std::string& path);

}  // namespace headlight
