// What every registry shares. A `.def` list names its entries, and the file that reads it holds these lines:
// an `extern` of each entry, a `static constexpr` array of their addresses, and the lookup by id
// (docs/adding.md).
#pragma once

#include <span>
#include <string_view>

namespace headlight {

/// The entry with this id; null: there is none.
template <class Entry>
const Entry* find_entry(std::span<const Entry* const> entries, std::string_view id) {
    for (const Entry* entry : entries) {
        if (id == entry->id) return entry;
    }
    return nullptr;
}

}  // namespace headlight
