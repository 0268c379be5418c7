#include "kernel/overview.h"

#include <algorithm>

namespace headlight {
namespace {

constexpr int kOverviewSize = 64;

/// First token of each of `cells` even parts of `count`, [cells + 1].
std::vector<int> even_parts(int count, int cells) {
    std::vector<int> begins;
    for (std::int64_t cell = 0; cell <= cells; ++cell)
        begins.push_back(cells == 0 ? 0 : static_cast<int>((cell * count + cells - 1) / cells));
    return begins;
}

/// Admissible keys of [begin, end), all rows together.
std::int64_t count_keys(std::span<const KeyRange> ranges, int begin, int end) {
    if (begin >= ranges.back().begin && end <= ranges.front().end)
        return static_cast<std::int64_t>(ranges.size()) * (end - begin);
    std::int64_t count = 0;
    for (const KeyRange range : ranges)
        count += std::max(0, std::min(end, range.end) - std::max(begin, range.begin));
    return count;
}

}  // namespace

OverviewBuilder::OverviewBuilder(int num_queries, int num_keys)
    : num_queries_(num_queries), num_keys_(num_keys) {
    picture_.rows = std::min(num_queries, kOverviewSize);
    picture_.cols = std::min(num_keys, kOverviewSize);
    picture_.max.assign(static_cast<std::size_t>(picture_.rows) * picture_.cols, 0.0f);
    picture_.mean.assign(picture_.max.size(), 0.0f);
    count_.assign(picture_.max.size(), 0.0f);
    cell_begin_ = even_parts(num_keys, picture_.cols);
    row_begin_ = even_parts(num_queries, picture_.rows);
}

void OverviewBuilder::add_from(int query, KeyRange range, const float* weights, int first_cell) {
    const std::size_t row = row_of(query) * picture_.cols;
    int cell = std::max(first_cell, cell_of(range.begin));
    for (int key = std::max(range.begin, cell_begin_[static_cast<std::size_t>(first_cell)]); key < range.end;
         ++cell) {
        const int end = std::min(range.end, cell_begin_[static_cast<std::size_t>(cell) + 1]);
        float largest = 0, sum = 0;
        for (int i = key; i < end; ++i) {
            largest = std::max(largest, weights[i]);
            sum += weights[i];
        }
        picture_.max[row + cell] = std::max(picture_.max[row + cell], largest);
        picture_.mean[row + cell] += sum;
        count_[row + cell] += static_cast<float>(end - key);
        key = end;
    }
}

// Cells that all rows see whole are taken together, in each cell row after row; what is left row by row.
void OverviewBuilder::add_rows(int query, const KeyRange (&ranges)[kRowsAtOnce],
                               const float* const (&weights)[kRowsAtOnce]) {
    int shared_end = num_keys_;
    bool is_shared = true;
    for (const KeyRange range : ranges) {
        is_shared = is_shared && range.begin == 0;
        shared_end = std::min(shared_end, range.end);
    }
    int cell = 0;
    std::size_t at[kRowsAtOnce];
    for (int r = 0; r < kRowsAtOnce; ++r)
        at[r] = row_of(query + r) * static_cast<std::size_t>(picture_.cols);
    for (; is_shared && cell < picture_.cols; ++cell) {
        const int begin = cell_begin_[static_cast<std::size_t>(cell)],
                  end = cell_begin_[static_cast<std::size_t>(cell) + 1];
        if (end > shared_end) break;
        float largest[kRowsAtOnce] = {}, sum[kRowsAtOnce] = {};
        for (int key = begin; key < end; ++key) {
            for (int r = 0; r < kRowsAtOnce; ++r) {
                largest[r] = std::max(largest[r], weights[r][key]);
                sum[r] += weights[r][key];
            }
        }
        for (int r = 0; r < kRowsAtOnce; ++r, ++at[r - 1]) {
            picture_.max[at[r]] = std::max(picture_.max[at[r]], largest[r]);
            picture_.mean[at[r]] += sum[r];
            count_[at[r]] += static_cast<float>(end - begin);
        }
    }
    for (int r = 0; r < kRowsAtOnce; ++r)
        add_from(query + r, ranges[r], weights[r], cell);
}

void OverviewBuilder::add_tiles(int query, std::span<const KeyRange> ranges, int width, const float* max,
                                const float* sum) {
    if (ranges.empty()) return;
    const int end_query = query + static_cast<int>(ranges.size());
    const int begin = ranges.front().begin, end = ranges.back().end;
    for (int tile = begin / width; tile * width < end; ++tile) {
        const int first = std::max(begin, tile * width), last = std::min(end, (tile + 1) * width);
        const std::int64_t all = count_keys(ranges, first, last);
        if (all == 0) continue;
        const double density = static_cast<double>(sum[tile]) / static_cast<double>(all);
        for (int row = query; row < end_query;) {
            const std::size_t cell_row = row_of(row);
            const int row_end = std::min(end_query, row_begin_[cell_row + 1]);
            const auto rows = ranges.subspan(static_cast<std::size_t>(row - query),
                                             static_cast<std::size_t>(row_end - row));
            for (int key = first, cell = cell_of(first); key < last; ++cell) {
                const int key_end = std::min(last, cell_begin_[static_cast<std::size_t>(cell) + 1]);
                const auto count = static_cast<double>(count_keys(rows, key, key_end));
                key = key_end;
                if (count == 0) continue;
                const std::size_t at =
                    cell_row * static_cast<std::size_t>(picture_.cols) + static_cast<std::size_t>(cell);
                picture_.max[at] = std::max(picture_.max[at], max[tile]);
                picture_.mean[at] += static_cast<float>(density * count);
                count_[at] += static_cast<float>(count);
            }
            row = row_end;
        }
    }
}

Overview OverviewBuilder::take() {
    for (std::size_t i = 0; i < count_.size(); ++i) {
        if (count_[i] > 0) picture_.mean[i] /= count_[i];
    }
    return std::move(picture_);
}

}  // namespace headlight
