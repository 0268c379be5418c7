// What is looked for in the text and among the heads: marked wherever tokens and heads are shown.
#pragma once

#include <memory>
#include <string>

#include "analysis/search/head_query.h"

namespace headlight {

enum class FindTarget { Tokens, Heads };

struct FindState {
    std::string words;                       // tokens that hold them are marked; "": none
    std::shared_ptr<const HeadQuery> heads;  // heads for which it holds are marked; null: none
    FindTarget target = FindTarget::Tokens;  // what find_next walks through
};

}  // namespace headlight
