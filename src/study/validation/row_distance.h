// Distances between the rows of one head: do different queries look at different keys?
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/attention_trace.h"

namespace headlight {

/// L2 distances between rows i < k, means over pairs.
struct QueryVariation {
    std::optional<double> raw, raw_max, raw_adjacent,
        raw_distant;  // as the document: all columns, k = i + 1, k = i + 10
    /// Both rows restricted to the keys that both may see, renormalised; pairs where less than 0.05 of a row
    /// remains, or that share fewer than two keys, are left out. A uniform head reads 0 under every mask.
    std::optional<double> corrected, corrected_adjacent, corrected_distant;
    /// The same over relative offsets i - j in place of keys: a head that repeats one offset reads 0.
    std::optional<double> aligned;
};

/// `matrix` [N, N], `keys` [N]; an empty range is an invalid row.
QueryVariation measure_query_variation(std::span<const float> matrix, std::span<const KeyRange> keys);

/// Jensen-Shannon divergence (nats, <= ln 2) of every two of the first `num_items` rows, symmetric
/// [num_items, num_items]. `matrix` [keys.size(), num_keys].
std::vector<double> row_divergence(std::span<const float> matrix, std::span<const KeyRange> keys,
                                   int num_keys, int num_items);

/// Jensen-Shannon divergence of two rows, nats.
double row_divergence(std::span<const float> a, std::span<const float> b);

}  // namespace headlight
