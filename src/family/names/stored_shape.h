// Shape of a tensor in a file of a family, from the shapes of the canonical weights in it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "family/family.h"

namespace headlight {

/// As the values are put into their slots. `slots`: a map of names to slots with a `shape`; every slot of the
/// entry is in it.
template <class Slots>
std::vector<std::int64_t> placed_shape(const FileWeight& entry, const Slots& slots) {
    std::vector<std::int64_t> shape = slots.find(entry.slots.front())->second.shape;
    const std::size_t count = entry.num_stacked > 0
                                  ? entry.slots.size() / static_cast<std::size_t>(entry.num_stacked)
                                  : entry.slots.size();
    const std::size_t axis = entry.has_columns ? 1 : 0;
    for (std::size_t i = 1; i < count; ++i)
        shape[axis] += slots.find(entry.slots[i])->second.shape[axis];
    if (entry.num_columns > 0) shape[1] = entry.num_columns;
    if (entry.is_transposed) std::reverse(shape.begin(), shape.end());
    if (entry.num_blocks > 1)
        shape = {entry.num_blocks, shape[0] / entry.num_blocks, shape[1] / entry.num_blocks};
    if (entry.part >= 0) shape[0] /= entry.num_parts;
    if (entry.num_rows > 0) shape = {entry.num_rows, shape[0] / entry.num_rows};
    if (entry.num_stacked > 0) shape.insert(shape.begin(), entry.num_stacked);
    return shape;
}

/// As the file has them.
template <class Slots>
std::vector<std::int64_t> stored_shape(const FileWeight& entry, const Slots& slots) {
    return entry.axes.empty() ? placed_shape(entry, slots) : entry.axes;
}

/// A list of slots by their names.
template <class Slot>
std::map<std::string, Slot, std::less<>> slots_by_name(std::vector<Slot> slots) {
    std::map<std::string, Slot, std::less<>> map;
    for (Slot& slot : slots)
        map.emplace(slot.name, std::move(slot));
    return map;
}

/// Do shapes differ in axes of 1 in front at most? Then they hold the same values; a number without axes and
/// a list of one too.
template <class Shape>
bool is_same_shape(const Shape& found, const std::vector<std::int64_t>& expected) {
    auto begin = found.begin();
    for (auto left = found.size(); left > expected.size() && *begin == 1; --left)
        ++begin;
    if (begin == found.end()) return expected.size() == 1 && expected.front() == 1;
    return std::equal(begin, found.end(), expected.begin(), expected.end());
}

}  // namespace headlight
