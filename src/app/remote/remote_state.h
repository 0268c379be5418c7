// What programs that talk to the window are told about it.
#pragma once

#include "io/remote/remote_server.h"
#include "session/snapshot.h"

namespace headlight {

/// Model, text, tokens, selection, metrics and tags of what is shown, and what went wrong last. Values that
/// were not measured are null. Any thread: a snapshot is made of immutable values.
nlohmann::json remote_state(const Snapshot& now);

/// One head of the shown run as its weights are, f32 little-endian [query, key]; the header says the sizes.
/// `header` asks with `layer`, `head` and optionally `kind`. Errors: Missing (nothing is shown, no such
/// kind), InvalidInput (no such head, or too many tokens).
Result<RemoteReply::Give> remote_attention(const Snapshot& now, const nlohmann::json& header);

}  // namespace headlight
