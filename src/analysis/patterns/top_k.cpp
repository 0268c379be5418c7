#include "analysis/patterns/top_k.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headlight {
namespace {

constexpr int kKeysPerBlock = 64;  // queries that are read at a time

/// The `k` first of `items` by `is_before`, in order.
template <class Item, class Before>
void keep_first(std::vector<Item>& items, int k, const Before& is_before) {
    const auto count = std::min(items.size(), static_cast<std::size_t>(std::max(0, k)));
    std::partial_sort(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(count), items.end(),
                      is_before);
    items.resize(count);
}

/// Mean over heads of queries [begin, end) into `mean` [end - begin, num_keys].
void mean_rows(const AttentionTrace& trace, int layer, int begin, int end, std::span<float> mean) {
    std::vector<float> rows(mean.size());
    std::vector<double> sums(mean.size(), 0.0);
    for (int head = 0; head < trace.num_heads(); ++head) {
        trace.rows(layer, head, begin, end, rows);
        for (std::size_t i = 0; i < sums.size(); ++i)
            sums[i] += rows[i];
    }
    for (std::size_t i = 0; i < sums.size(); ++i)
        mean[i] = static_cast<float>(sums[i] / trace.num_heads());
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
    mean_rows(trace, layer, query, query + 1, mean);
    return mean;
}

std::vector<float> mean_matrix_of_layer(const AttentionTrace& trace, int layer) {
    const auto num_keys = static_cast<std::size_t>(trace.num_keys());
    std::vector<float> mean(static_cast<std::size_t>(trace.num_queries()) * num_keys);
    for (int begin = 0; begin < trace.num_queries(); begin += kKeysPerBlock) {
        const int end = std::min(begin + kKeysPerBlock, trace.num_queries());
        const std::span<float> rows(mean.data() + static_cast<std::size_t>(begin) * num_keys,
                                    static_cast<std::size_t>(end - begin) * num_keys);
        mean_rows(trace, layer, begin, end, rows);
    }
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
