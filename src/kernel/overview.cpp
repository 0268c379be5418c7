#include "kernel/overview.h"

#include <algorithm>

namespace headlight {
namespace {

constexpr int kOverviewSize = 64;

}  // namespace

OverviewBuilder::OverviewBuilder(int num_queries, int num_keys)
    : num_queries_(num_queries), num_keys_(num_keys) {
    picture_.rows = std::min(num_queries, kOverviewSize);
    picture_.cols = std::min(num_keys, kOverviewSize);
    picture_.max.assign(static_cast<std::size_t>(picture_.rows) * picture_.cols, 0.0f);
    picture_.mean.assign(picture_.max.size(), 0.0f);
    count_.assign(picture_.max.size(), 0.0f);
    for (std::int64_t cell = 0; cell <= picture_.cols; ++cell) {
        cell_begin_.push_back(static_cast<int>((cell * num_keys + picture_.cols - 1) / picture_.cols));
    }
}

void OverviewBuilder::add_weights(int query, KeyRange range, const float* weights) {
    const std::size_t row = row_of(query) * picture_.cols;
    int cell = cell_of(range.begin);
    for (int key = range.begin; key < range.end; ++cell) {
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

void OverviewBuilder::add_tiles(int query, KeyRange range, int width, const float* max, const float* sum) {
    const std::size_t row = row_of(query) * picture_.cols;
    int cell = cell_of(range.begin);
    for (int tile = range.begin / width; tile * width < range.end; ++tile) {
        const int begin = std::max(range.begin, tile * width), end = std::min(range.end, (tile + 1) * width);
        const float density = sum[tile] / static_cast<float>(end - begin);
        for (int key = begin; key < end;) {
            const int cell_end = cell_begin_[static_cast<std::size_t>(cell) + 1];
            const int stop = std::min(end, cell_end);
            const auto share = static_cast<float>(stop - key);
            picture_.max[row + cell] = std::max(picture_.max[row + cell], max[tile]);
            picture_.mean[row + cell] += density * share;
            count_[row + cell] += share;
            key = stop;
            if (key == cell_end) ++cell;
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
