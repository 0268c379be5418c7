// Templates under a mask: which rows can be scored, and their pairs as runs of keys.
#include "analysis/search/pair_template.h"

#include <algorithm>
#include <cmath>

namespace headlight {
namespace {

/// Pairs of each diagonal against the cells that the mask allows on it.
class DiagonalCounts {
  public:
    DiagonalCounts(int num_queries, int num_keys)
        : base_(num_keys),
          pairs_(static_cast<std::size_t>(num_queries + num_keys + 1), 0),
          cells_(pairs_.size() + 1, 0) {}

    void add_row(std::uint32_t query, KeyRun admissible) {
        // Key j lies on diagonal query - j: a row covers a stretch of them.
        if (admissible.begin >= admissible.end) return;
        ++cells_[place(query, admissible.end - 1)];
        --cells_[place(query, admissible.begin) + 1];
    }
    void add_pair(std::uint32_t query, std::uint32_t key) { ++pairs_[place(query, key)]; }

    bool are_full_or_empty() const {
        std::int64_t cells = 0;
        for (std::size_t d = 0; d < pairs_.size(); ++d) {
            cells += cells_[d];
            if (pairs_[d] != 0 && pairs_[d] != cells) return false;
        }
        return true;
    }

  private:
    std::size_t place(std::uint32_t query, std::uint32_t key) const {
        return static_cast<std::size_t>(static_cast<int>(query) - static_cast<int>(key) + base_);
    }
    int base_;
    std::vector<std::int64_t> pairs_, cells_;
};

/// Cells of `row` inside its admissible keys, their sums, and the runs of those above half of the largest.
void read_row(const PairTemplate& pairs, KeyRun keys, TemplateRow& row, MaskedTemplate& out) {
    const std::uint32_t* const first = pairs.keys.data();
    const std::uint32_t* const begin = first + pairs.row_begin[row.query];
    const std::uint32_t* const end = first + pairs.row_begin[row.query + 1];
    row.cell_begin = static_cast<std::uint32_t>(std::lower_bound(begin, end, keys.begin) - first);
    row.cell_end = static_cast<std::uint32_t>(std::lower_bound(begin, end, keys.end) - first);
    row.num_keys = keys.end > keys.begin ? keys.end - keys.begin : 0;
    float largest = 0;
    for (std::uint32_t i = row.cell_begin; i < row.cell_end; ++i) {
        const float value = pairs.values[i];
        row.sum += value;
        row.sum_squares += static_cast<double>(value) * value;
        largest = std::max(largest, value);
    }
    row.run_begin = static_cast<std::uint32_t>(out.runs.size());
    for (std::uint32_t i = row.cell_begin; i < row.cell_end; ++i) {
        if (pairs.values[i] < largest / 2) continue;
        const std::uint32_t key = pairs.keys[i];
        ++row.num_pairs;
        if (out.runs.size() > row.run_begin && out.runs.back().end == key)
            ++out.runs.back().end;
        else
            out.runs.push_back({key, key + 1});
    }
    row.run_end = static_cast<std::uint32_t>(out.runs.size());
}

bool is_constant(const PairTemplate& pairs, const TemplateRow& row) {
    if (row.cell_end - row.cell_begin < row.num_keys) return false;
    const auto begin = pairs.values.begin() + row.cell_begin, end = pairs.values.begin() + row.cell_end;
    return std::all_of(begin, end, [begin](float value) { return value == *begin; });
}

}  // namespace

Result<PairTemplate> template_of_cells(std::span<const float> cells, int num_queries, int num_keys) {
    const auto rows = static_cast<std::size_t>(num_queries), cols = static_cast<std::size_t>(num_keys);
    if (cells.size() != rows * cols)
        return fail(ErrorKind::InvalidInput, "the drawing has {} cells where {} × {} are needed",
                    cells.size(), num_queries, num_keys);
    PairTemplate out{num_queries, num_keys, {0}, {}, {}};
    for (std::size_t query = 0; query < rows; ++query) {
        for (std::size_t key = 0; key < cols; ++key) {
            const float value = cells[query * cols + key];
            if (!std::isfinite(value) || value < 0)
                return fail(ErrorKind::InvalidInput,
                            "the drawing has {} at query {}, key {}; every cell must be a number from 0 up",
                            value, query, key);
            if (value == 0) continue;
            out.keys.push_back(static_cast<std::uint32_t>(key));
            out.values.push_back(value);
        }
        out.row_begin.push_back(static_cast<std::uint32_t>(out.keys.size()));
    }
    return out;
}

PairTemplate template_of_pairs(const KeySet& pairs, int num_keys) {
    PairTemplate out;
    out.num_queries = static_cast<int>(pairs.row_begin.size()) - 1;
    out.num_keys = num_keys;
    out.row_begin = pairs.row_begin;
    out.keys = pairs.keys;
    out.values.assign(out.keys.size(), 1.0f);
    return out;
}

MaskedTemplate mask_template(const PairTemplate& pairs, const AttentionTrace& trace, int layer) {
    MaskedTemplate out;
    DiagonalCounts diagonals(pairs.num_queries, pairs.num_keys);
    for (int query = 0; query < pairs.num_queries; ++query) {
        const KeyRange range = trace.admissible(layer, query);
        const KeyRun keys{static_cast<std::uint32_t>(std::max(0, range.begin)),
                          static_cast<std::uint32_t>(std::max(range.begin, range.end))};
        out.admissible.push_back(keys);
        TemplateRow row;
        row.query = static_cast<std::uint32_t>(query);
        const std::size_t num_runs = out.runs.size();
        read_row(pairs, keys, row, out);
        diagonals.add_row(row.query, keys);
        for (std::size_t i = num_runs; i < out.runs.size(); ++i) {
            for (std::uint32_t key = out.runs[i].begin; key < out.runs[i].end; ++key)
                diagonals.add_pair(row.query, key);
        }
        if (row.num_pairs == 0) continue;
        row.is_scored = !is_constant(pairs, row);
        out.rows.push_back(row);
    }
    out.is_positional = diagonals.are_full_or_empty();
    return out;
}

}  // namespace headlight
