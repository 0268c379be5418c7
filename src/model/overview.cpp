#include "model/overview.h"

#include <algorithm>

namespace headlight {
namespace {

constexpr int kOverviewSize = 64;

}  // namespace

OverviewBuilder::OverviewBuilder(int num_queries, int num_keys) : num_queries_(num_queries), num_keys_(num_keys) {
    picture_.rows = std::min(num_queries, kOverviewSize);
    picture_.cols = std::min(num_keys, kOverviewSize);
    picture_.max.assign(static_cast<std::size_t>(picture_.rows) * picture_.cols, 0.0f);
    picture_.mean.assign(picture_.max.size(), 0.0f);
    count_.assign(picture_.max.size(), 0.0f);
}

void OverviewBuilder::add_weights(int query, KeyRange range, const float* weights) {
    const std::size_t row = row_of(query) * picture_.cols;
    for (int key = range.begin; key < range.end;) {
        const int cell = cell_of(key), end = std::min(range.end, begin_of(cell + 1));
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
    for (int key = range.begin; key < range.end;) {
        const int tile = key / width, cell = cell_of(key);
        const int tile_begin = std::max(range.begin, tile * width), tile_end = std::min(range.end, (tile + 1) * width);
        const int end = std::min(tile_end, begin_of(cell + 1));
        const auto share = static_cast<float>(end - key);
        picture_.max[row + cell] = std::max(picture_.max[row + cell], max[tile]);
        picture_.mean[row + cell] += sum[tile] * share / static_cast<float>(tile_end - tile_begin);
        count_[row + cell] += share;
        key = end;
    }
}

Overview OverviewBuilder::take() {
    for (std::size_t i = 0; i < count_.size(); ++i) {
        if (count_[i] > 0) picture_.mean[i] /= count_[i];
    }
    return std::move(picture_);
}

}  // namespace headlight
