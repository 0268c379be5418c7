// Turns of a conversation as people write them down.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"

namespace headlight {

/// What a chat template is told: "messages", a list of {"role", "content", ...}, and whatever else stands
/// beside it
/// ("tools", "documents", what a template asks for by name). The text is JSON, a list of turns or an object
/// with "messages"; or lines that begin with "system:", "user:", "assistant:", "tool:" or "developer:" (also
/// "User:"), each with the lines behind it; or anything else, which is one turn of the user. As the reference
/// does, keys that are null are left out and what a model thought is given under each of its names. Errors:
/// Corrupt (JSON that is none, or holds no turns), InvalidInput (no turn, text in front of the first).
Result<nlohmann::ordered_json> read_chat_turns(const std::string& text);

}  // namespace headlight
