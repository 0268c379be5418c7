// What is looked for in heads: a weight T_ij >= 0 for each pair of query and key, drawn by hand or said by a
// rule.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "core/attention_trace.h"

namespace headlight {

/// Cells of T that are above 0, row by row; all others are 0. Immutable once made.
struct PairTemplate {
    int num_queries = 0, num_keys = 0;
    std::vector<std::uint32_t> row_begin;  // [num_queries + 1], offsets into keys and values
    std::vector<std::uint32_t> keys;       // ascending within a row
    std::vector<float> values;             // > 0, parallel to keys

    bool empty() const { return keys.empty(); }
    std::size_t size() const { return keys.size(); }
};

/// Texts up to this long are searched: a head's whole matrix is held while its nulls are taken.
inline constexpr int kMostSearchTokens = 4096;

/// `cells` [num_queries, num_keys]. Errors: InvalidInput (a cell below 0 or not finite, with its place;
/// another size).
Result<PairTemplate> template_of_cells(std::span<const float> cells, int num_queries, int num_keys);

/// 1 for each pair of the set. Its rows must be num_queries.
PairTemplate template_of_pairs(const KeySet& pairs, int num_keys);

/// A row as it can be scored under a mask.
struct TemplateRow {
    std::uint32_t query = 0;
    std::uint32_t cell_begin = 0, cell_end = 0;  // of PairTemplate, those that the mask allows
    std::uint32_t run_begin = 0, run_end = 0;    // of MaskedTemplate::runs
    std::uint32_t num_pairs = 0;                 // m_i: cells of at least half of the row's largest
    std::uint32_t num_keys = 0;                  // n_i
    double sum = 0, sum_squares = 0;             // of T over the row
    bool is_scored = true;                       // T is not the same over all admissible keys
    bool has_mass() const { return num_pairs > 0 && num_pairs < num_keys; }
};

/// Neighbouring keys [begin, end).
struct KeyRun {
    std::uint32_t begin = 0, end = 0;
    bool operator==(const KeyRun&) const = default;
};

/// A template under the mask of one layer. Rows whose T is 0 everywhere are left out.
struct MaskedTemplate {
    std::vector<TemplateRow> rows;
    std::vector<KeyRun> runs;        // the pairs b_ij = [T_ij >= max_j T_ij / 2]
    std::vector<KeyRun> admissible;  // [num_queries]
    /// Every diagonal is full or empty: moving the pairs along the diagonal changes nothing.
    bool is_positional = false;
};

MaskedTemplate mask_template(const PairTemplate& pairs, const AttentionTrace& trace, int layer);

}  // namespace headlight
