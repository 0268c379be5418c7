// Which head: 0-based, as in the literature on mechanisms ("L5H5").
#pragma once

#include <compare>
#include <string>

namespace headlight {

struct HeadId {
    int layer = 0;
    int head = 0;
    auto operator<=>(const HeadId&) const = default;
    std::string to_string() const { return "L" + std::to_string(layer) + "H" + std::to_string(head); }
};

}  // namespace headlight
