// Two lists side by side: what is raised and what is lowered, as prominent as each other.
#pragma once

#include <string>
#include <vector>

#include "core/cause/circuit.h"
#include "views/view.h"

namespace headlight {

struct TokenListsSpec {
    const char* id = "";
    const char* above = "promotes";  // heading of the top end
    const char* below = "suppresses";
    const char* unit = "";  // of the scores, in the tooltip
};
/// As many rows as fit into `height`; returns the height that they took.
float draw_token_lists(ViewContext& context, const TokenRanking& ranking, const TokenListsSpec& spec,
                       ImVec2 pos, float width, float height);

}  // namespace headlight
