// What pattern metrics share: means over the valid rows of a head.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include "analysis/metric.h"
#include "analysis/patterns/row_measures.h"

namespace headlight {

/// Least keys of a row for a quantity that is divided by ln n or n - 1: with one key it would be 0/0.
inline constexpr int kNormalizable = 2;

/// Admissible keys of row `query`, from the mask kind and the row's number of keys.
inline KeyRange admissible_keys(const HeadPattern& pattern, int query) {
    if (!pattern.keys.empty()) return pattern.keys[static_cast<std::size_t>(query)];
    const int count = pattern.rows[static_cast<std::size_t>(query)].num_keys;
    if (!pattern.is_causal) {
        const int begin = pattern.window > 0 ? std::max(0, query - pattern.window) : 0;
        return {begin, begin + count};
    }
    return {std::max(0, query + 1 - count), query + 1};
}

inline bool is_admissible(const HeadPattern& pattern, int query, int key) {
    const KeyRange keys = admissible_keys(pattern, query);
    return key >= keys.begin && key < keys.end;
}

/// Mean of value(row, query) over the rows with at least `min_keys` keys; `value` returns a double, or
/// nullopt for a row that does not count. nullopt if no row counts.
template <class Value>
std::optional<double> mean_over_rows(const HeadPattern& pattern, int min_keys, const Value& value) {
    double sum = 0;
    int count = 0;
    for (int query = 0; query < static_cast<int>(pattern.rows.size()); ++query) {
        const RowStats& row = pattern.rows[static_cast<std::size_t>(query)];
        if (row.num_keys < std::max(1, min_keys)) continue;
        const std::optional<double> term = value(row, query);
        if (!term) continue;
        sum += *term;
        ++count;
    }
    if (count == 0) return std::nullopt;
    return sum / count;
}

/// Mean of value(row) over the rows >= 1 in which key_of(query) is admissible and not the only key.
template <class KeyOf, class Value>
std::optional<double> mean_where_key_allowed(const HeadPattern& pattern, const KeyOf& key_of,
                                             const Value& value) {
    return mean_over_rows(pattern, kNormalizable,
                          [&](const RowStats& row, int query) -> std::optional<double> {
                              if (query < 1 || !is_admissible(pattern, query, key_of(query)))
                                  return std::nullopt;
                              return value(row);
                          });
}

/// 1 / n, the weight of each key of an even row.
inline double even_weight(const RowStats& row) {
    return 1.0 / row.num_keys;
}

/// Entropy in nats, held to its exact bounds [0, ln n] against rounding.
inline double bounded_entropy(const RowStats& row) {
    return std::clamp(static_cast<double>(row.entropy), 0.0, log_of_count(row.num_keys));
}

/// Entropy of an even row of that query: ln n between tokens.
inline double even_entropy(const HeadPattern& pattern, const RowStats& row, int query) {
    if (pattern.has_units()) return bounded_entropy(pattern.even[static_cast<std::size_t>(query)]);
    return log_of_count(row.num_keys);
}

/// A reference that is a constant wherever the metric exists at all.
template <std::optional<double> (*Metric)(const HeadPattern&)>
std::optional<double> one_where_defined(const HeadPattern& pattern) {
    return Metric(pattern) ? std::optional(1.0) : std::nullopt;
}
template <std::optional<double> (*Metric)(const HeadPattern&)>
std::optional<double> zero_where_defined(const HeadPattern& pattern) {
    return Metric(pattern) ? std::optional(0.0) : std::nullopt;
}

inline constexpr const char* kUniformHead = "uniform head";
inline constexpr double kNoLimit = std::numeric_limits<double>::infinity();

}  // namespace headlight
