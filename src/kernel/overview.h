// Reduces the rows of a head to its thumbnail, row by row.
#pragma once

#include <span>
#include <vector>

#include "core/attention_trace.h"

namespace headlight {

class OverviewBuilder {
  public:
    OverviewBuilder(int num_queries, int num_keys);

    /// Exact: weights [range.end] of one row.
    void add_weights(int query, KeyRange range, const float* weights) {
        add_rows(query, {&range, 1}, {&weights, 1});
    }
    /// The same of queries [query, query + ranges.size()) that one row of cells shows (end_of_row()), in less
    /// time. `ranges`: neither end moves back.
    void add_rows(int query, std::span<const KeyRange> ranges, std::span<const float* const> weights);
    /// All rows; `range_of(query)`: its keys, `weights_of(query)`: its weights, from key 0 on.
    template <class RangeOf, class WeightsOf>
    void add_all_rows(const RangeOf& range_of, const WeightsOf& weights_of) {
        std::vector<KeyRange> ranges;
        std::vector<const float*> weights;
        for (int query = 0; query < num_queries_;) {
            ranges.clear();
            weights.clear();
            const int first = query, end = end_of_row(query);
            for (; query < end; ++query) {
                ranges.push_back(range_of(query));
                weights.push_back(weights_of(query));
            }
            add_rows(first, ranges, weights);
        }
    }
    /// First query that the next row of cells shows.
    int end_of_row(int query) const { return row_begin_[row_of(query) + 1]; }
    /// From tiles of `width` keys that queries [query, query + ranges.size()) make together, as captured: the
    /// largest weight of a tile counts for every cell that the tile touches, its sum is spread evenly over
    /// its admissible entries. `ranges`: keys of each query; neither end moves back.
    void add_tiles(int query, std::span<const KeyRange> ranges, int width, const float* max,
                   const float* sum);

    Overview take();

  private:
    std::size_t row_of(int query) const {
        return static_cast<std::size_t>(query) * picture_.rows / num_queries_;
    }
    int cell_of(int key) const {
        return static_cast<int>(static_cast<std::int64_t>(key) * picture_.cols / num_keys_);
    }

    int num_queries_, num_keys_;
    Overview picture_;
    std::vector<float> count_;                    // [rows, cols] admissible entries
    std::vector<int> cell_begin_;                 // [cols + 1] first key of each cell
    std::vector<int> row_begin_;                  // [rows + 1] first query of each cell
    std::vector<float> column_max_, column_sum_;  // [num_keys] of the rows that are added together
};

}  // namespace headlight
