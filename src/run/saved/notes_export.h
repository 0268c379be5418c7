// Notes for other programs.
#pragma once

#include <string>

#include "core/notes.h"

namespace headlight {

/// One line a note under a line of names (RFC 4180): model, attention, layer, head, query, key, query_token,
/// key_token, note, color, text_id, text, decoder_text. Empty cells: the note is on the head itself.
std::string notes_to_csv(const Notes& notes, const std::string& model_name);

/// {"headlight_notes": 1, "model", "config", "notes": [...]}, each note as in a session file.
std::string notes_to_json(const Notes& notes, const std::string& model_name, const std::string& config_hash);

}  // namespace headlight
