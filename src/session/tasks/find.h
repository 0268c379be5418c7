// Looking for tokens and heads: what is looked for stays until it is cleared, whatever text or model comes.
#pragma once

#include <string>
#include <vector>

#include "session/find/find_state.h"

namespace headlight {

class Session;
struct Snapshot;

/// Marks the tokens in which `words` begin (find_tokens()); "": none. In Snapshot::part<FindState>().
void mark_tokens(Session& session, const std::string& words);
/// Marks the heads for which the expression holds; "": none. Errors: those of HeadQuery::parse().
Status mark_heads(Session& session, const std::string& expression);

/// Tokens that are marked, ascending; of the queries of the shown text.
std::vector<int> marked_tokens(const Snapshot& now);

}  // namespace headlight
