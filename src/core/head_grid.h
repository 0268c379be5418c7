// All heads of a model in one row: layer by layer, the order of everything that holds one value a head.
#pragma once

#include <cstddef>

#include "core/head_id.h"

namespace headlight {

struct HeadGrid {
    int num_layers = 0, num_heads = 0;  // heads of each layer
    bool operator==(const HeadGrid&) const = default;

    std::size_t size() const {
        return static_cast<std::size_t>(num_layers) * static_cast<std::size_t>(num_heads);
    }
    /// Layer and head must not be negative; what lies outside gets an index from size() on, or another
    /// head's.
    std::size_t index(HeadId id) const {
        return static_cast<std::size_t>(id.layer) * static_cast<std::size_t>(num_heads) +
               static_cast<std::size_t>(id.head);
    }
    HeadId at(std::size_t index) const {
        const auto heads = static_cast<std::size_t>(num_heads);
        return {static_cast<int>(index / heads), static_cast<int>(index % heads)};
    }
};

}  // namespace headlight
