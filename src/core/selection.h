// The one selection that all views share: layer, head, query, key.
#pragma once

#include <vector>

#include "core/head_id.h"

namespace headlight {

struct Selection {
    HeadId head;                 // the chosen head
    std::vector<HeadId> others;  // added with shift; the heatmap shows the mean of head and others
    int query = -1;              // chosen token (row), -1: the last
    int key = -1;                // chosen key, -1: none
    std::vector<int> queries;    // added with ctrl: the chosen edge is summed over query and these
    bool operator==(const Selection&) const = default;
};

}  // namespace headlight
