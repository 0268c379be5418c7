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

void add_row(KeyRange range, const float* weights, float* largest, float* sum) {
    for (int key = range.begin; key < range.end; ++key) {
        largest[key] = std::max(largest[key], weights[key]);
        sum[key] += weights[key];
    }
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
    column_max_.resize(static_cast<std::size_t>(num_keys));
    column_sum_.resize(static_cast<std::size_t>(num_keys));
}

// First row over row, which the processor's vectors do, then each cell from the few numbers that are left.
void OverviewBuilder::add_rows(int query, std::span<const KeyRange> ranges,
                               std::span<const float* const> weights) {
    if (ranges.empty()) return;
    const int begin = ranges.front().begin, end = ranges.back().end;
    if (begin >= end) return;
    std::fill(column_max_.begin() + begin, column_max_.begin() + end, 0.0f);
    std::fill(column_sum_.begin() + begin, column_sum_.begin() + end, 0.0f);
    for (std::size_t r = 0; r < ranges.size(); ++r)
        add_row(ranges[r], weights[r], column_max_.data(), column_sum_.data());
    const std::size_t row = row_of(query) * static_cast<std::size_t>(picture_.cols);
    for (int key = begin, cell = cell_of(begin); key < end; ++cell) {
        const int cell_end = std::min(end, cell_begin_[static_cast<std::size_t>(cell) + 1]);
        const std::size_t at = row + static_cast<std::size_t>(cell);
        count_[at] += static_cast<float>(count_keys(ranges, key, cell_end));
        float largest = picture_.max[at], sum = 0;
        for (; key < cell_end; ++key) {
            largest = std::max(largest, column_max_[static_cast<std::size_t>(key)]);
            sum += column_sum_[static_cast<std::size_t>(key)];
        }
        picture_.max[at] = largest;
        picture_.mean[at] += sum;
    }
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
