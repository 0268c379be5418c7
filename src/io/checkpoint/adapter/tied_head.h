// Heads that share the token table, where an adapter changes the table alone.
#pragma once

#include <string>

#include "io/checkpoint/checkpoint.h"

namespace headlight {

/// Under which name the base's head would lie if it did not share the token table `table` ("wte.weight");
/// empty: it has a tensor of its own, none at all, or `table` is no token table. PEFT leaves such a head as
/// it was when the table is adapted or saved anew.
std::string name_of_tied_head(const Checkpoint& base, const std::string& table);

}  // namespace headlight
