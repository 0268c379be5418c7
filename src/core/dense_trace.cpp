// The trace that keeps all weights: the simplest implementation, and the one that tests compare others with.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/attention_trace.h"

namespace headlight {
namespace {

constexpr int kOverviewSize = 64;

class DenseTrace final : public AttentionTrace {
  public:
    DenseTrace(TraceInfo info, std::vector<float> weights)
        : info_(std::move(info)), weights_(std::move(weights)) {
        const auto expected =
            info_.grid().size() * static_cast<std::size_t>(info_.num_queries) * info_.num_keys;
        if (weights_.size() != expected)
            throw std::invalid_argument("dense trace: weights do not fit the sizes");
        if (info_.storage.empty()) info_.storage = "weights";
        stats_.resize(info_.grid().size() * info_.num_queries);
        for (int layer = 0; layer < info_.num_layers; ++layer) {
            for (int head = 0; head < info_.num_heads; ++head)
                compute_head_stats(layer, head);
        }
    }

    const TraceInfo& info() const override { return info_; }

    void rows(int layer, int head, int query_begin, int query_end, std::span<float> out) const override {
        const float* first = row(layer, head, query_begin);
        std::copy_n(first, static_cast<std::size_t>(query_end - query_begin) * info_.num_keys, out.data());
    }

    void row_stats(int layer, int head, std::span<RowStats> out) const override {
        std::copy_n(stats_.data() + stats_index(layer, head), info_.num_queries, out.data());
    }

    bool key_set_mass(const std::string&, int, int, std::span<float>) const override { return false; }

    Overview overview(int layer, int head) const override {
        Overview small;
        small.rows = std::min(info_.num_queries, kOverviewSize);
        small.cols = std::min(info_.num_keys, kOverviewSize);
        small.max.assign(static_cast<std::size_t>(small.rows) * small.cols, 0.0f);
        small.mean.assign(small.max.size(), 0.0f);
        std::vector<float> count(small.max.size(), 0.0f);
        for (int query = 0; query < info_.num_queries; ++query) {
            const float* weights = row(layer, head, query);
            const KeyRange range = admissible(layer, query);
            const auto tile_row = static_cast<std::size_t>(query) * small.rows / info_.num_queries;
            for (int key = range.begin; key < range.end; ++key) {
                const auto tile =
                    tile_row * small.cols + static_cast<std::size_t>(key) * small.cols / info_.num_keys;
                small.max[tile] = std::max(small.max[tile], weights[key]);
                small.mean[tile] += weights[key];
                count[tile] += 1.0f;
            }
        }
        for (std::size_t i = 0; i < count.size(); ++i) {
            if (count[i] > 0) small.mean[i] /= count[i];
        }
        return small;
    }

    std::size_t size_bytes() const override {
        return weights_.size() * sizeof(float) + stats_.size() * sizeof(RowStats);
    }

  private:
    const float* row(int layer, int head, int query) const {
        return weights_.data() + (stats_index(layer, head) + query) * info_.num_keys;
    }
    std::size_t stats_index(int layer, int head) const {
        return info_.grid().index({layer, head}) * info_.num_queries;
    }
    void compute_head_stats(int layer, int head) {
        for (int query = 0; query < info_.num_queries; ++query) {
            const std::span<const float> weights(row(layer, head, query),
                                                 static_cast<std::size_t>(info_.num_keys));
            const int position = info_.kind == AttentionKind::Cross ? -1 : query;
            stats_[stats_index(layer, head) + query] =
                compute_row_stats(weights, position, admissible(layer, query));
        }
    }

    TraceInfo info_;
    std::vector<float> weights_;   // [layer, head, query, key]
    std::vector<RowStats> stats_;  // [layer, head, query]
};

}  // namespace

KeyRange AttentionTrace::admissible(int layer, int query) const {
    const TraceInfo& facts = info();
    if (is_absent(layer)) return {};
    KeyRange range{0, facts.is_causal ? std::min(query + 1, facts.num_keys) : facts.num_keys};
    const int window = facts.window.empty() ? 0 : facts.window[static_cast<std::size_t>(layer)];
    if (window <= 0) return range;
    range.begin = std::max(0, facts.is_causal ? query + 1 - window : query - window);
    if (!facts.is_causal) range.end = std::min(facts.num_keys, query + window + 1);
    return range;
}

bool AttentionTrace::is_absent(int layer) const {
    const std::vector<int>& absent = info().absent_layers;
    return std::binary_search(absent.begin(), absent.end(), layer);
}

std::vector<float> AttentionTrace::matrix(int layer, int head) const {
    std::vector<float> out(static_cast<std::size_t>(num_queries()) * num_keys());
    rows(layer, head, 0, num_queries(), out);
    return out;
}

RowStats compute_row_stats(std::span<const float> weights, int query, KeyRange range) {
    RowStats stats;
    double entropy = 0, squares = 0, cubes = 0, local = 0, distance = 0, sum = 0;
    stats.argmax = range.begin;
    for (int key = range.begin; key < range.end; ++key) {
        const double a = weights[static_cast<std::size_t>(key)];
        if (!std::isfinite(a))
            return RowStats{};  // num_keys 0: the row is invalid and left out of every mean
        if (a > 0) entropy -= a * std::log(a);
        squares += a * a;
        cubes += a * a * a;
        sum += a;
        distance += a * (query - key);
        if (key <= query && query - key <= 5) local += a;
        if (weights[static_cast<std::size_t>(key)] > stats.max_weight) {
            stats.max_weight = weights[static_cast<std::size_t>(key)];
            stats.argmax = key;
        }
    }
    const auto at = [&](int key) {
        return key >= range.begin && key < range.end ? weights[static_cast<std::size_t>(key)] : 0.0f;
    };
    stats.entropy = static_cast<float>(std::max(0.0, entropy));
    stats.sum_squares = static_cast<float>(squares);
    stats.sum_cubes = static_cast<float>(cubes);
    stats.self = at(query);
    stats.previous = at(query - 1);
    stats.first = at(0);
    stats.local = static_cast<float>(local);
    stats.mean_distance = query >= 0 ? static_cast<float>(distance) : 0.0f;
    stats.row_sum = static_cast<float>(sum);
    stats.num_keys = range.count();
    return stats;
}

TracePtr make_dense_trace(TraceInfo info, std::vector<float> weights) {
    return std::make_shared<DenseTrace>(std::move(info), std::move(weights));
}

}  // namespace headlight
