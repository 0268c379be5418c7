// A headlight.json for a home-made transformer, guessed from the names and shapes of its tensors.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include "io/checkpoint/checkpoint.h"

namespace headlight {

struct ModelProposal {
    nlohmann::ordered_json description;  // what headlight.json would hold; sizes that no shape tells are null
    std::vector<std::string> notes;      // for people: what to fill in, what was assumed
};

/// nullopt when the tensors do not look like a stack of transformer blocks: no layers with query, key and
/// value (or the three in one), or no token table.
std::optional<ModelProposal> propose_custom_model(const Checkpoint& checkpoint);

}  // namespace headlight
