#include "analysis/patterns/top_k.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/patterns/tile_map.h"

namespace headlight {
namespace {

/// The `k` first of `items` by `is_before`, in order.
template <class Item, class Before>
void keep_first(std::vector<Item>& items, int k, const Before& is_before) {
    const auto count = std::min(items.size(), static_cast<std::size_t>(std::max(0, k)));
    std::partial_sort(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(count), items.end(),
                      is_before);
    items.resize(count);
}

}  // namespace

std::vector<KeyWeight> top_keys(std::span<const float> row, KeyRange range, int k) {
    std::vector<KeyWeight> keys;
    const int end = std::min(range.end, static_cast<int>(row.size()));
    for (int key = std::max(0, range.begin); key < end; ++key) {
        const double weight = row[static_cast<std::size_t>(key)];
        keys.push_back({key, std::isnan(weight) ? 0.0 : weight});
    }
    keep_first(keys, k, [](const KeyWeight& a, const KeyWeight& b) {
        return a.weight != b.weight ? a.weight > b.weight : a.key < b.key;
    });
    return keys;
}

std::vector<float> mean_row_of_layer(const AttentionTrace& trace, int layer, int query) {
    std::vector<float> mean(static_cast<std::size_t>(trace.num_keys()));
    std::vector<HeadId> heads;
    for (int head = 0; head < trace.num_heads(); ++head)
        heads.push_back({layer, head});
    std::vector<float> room;
    mean_rows(trace, heads, query, query + 1, mean, room);
    return mean;
}

std::vector<TokenPrediction> top_predictions(std::span<const float> logits, int k) {
    double largest = -std::numeric_limits<double>::infinity();
    for (const float logit : logits) {
        if (std::isfinite(logit)) largest = std::max(largest, static_cast<double>(logit));
    }
    std::vector<TokenPrediction> predictions;
    double sum = 0;
    for (std::size_t id = 0; id < logits.size(); ++id) {
        if (!std::isfinite(logits[id])) continue;  // a masked entry: never predicted
        const double weight = std::exp(static_cast<double>(logits[id]) - largest);
        predictions.push_back({static_cast<std::int32_t>(id), weight});
        sum += weight;
    }
    keep_first(predictions, k, [](const TokenPrediction& a, const TokenPrediction& b) {
        return a.probability != b.probability ? a.probability > b.probability : a.id < b.id;
    });
    for (TokenPrediction& prediction : predictions)
        prediction.probability /= sum;
    return predictions;
}

}  // namespace headlight
