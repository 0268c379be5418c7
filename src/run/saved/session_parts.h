// The parts of a session file, each written and read by one pair of functions.
#pragma once

#include <nlohmann/json.hpp>

#include "run/saved/json_fields.h"
#include "run/saved/saved_session.h"

namespace headlight {

/// Keys stand in the order in which they are written.
using SessionJson = nlohmann::ordered_json;

// Bounds of what is read: far beyond any model and text.
inline constexpr std::size_t kMostSavedPathBytes = 4096;
inline constexpr std::int64_t kMostHeadIndex = 65'535, kMostTokenIndex = (1 << 24) - 1;

SessionJson interventions_json(const Interventions& changes);
/// `entries`: the list under `key` of `file`.
InterventionsPtr read_interventions(JsonFields& file, const char* key);

SessionJson notes_json(const Notes& notes);
NotesPtr read_notes(JsonFields& file, const char* key);

/// How tokens are chosen, and the branches.
SessionJson writing_json(const SavedSession& session);
void read_writing(JsonFields& fields, const std::string& path, SavedSession& out);
SessionJson written_json(const WrittenText& written);
WrittenTextPtr read_written(JsonFields& fields, const std::string& path);

}  // namespace headlight
