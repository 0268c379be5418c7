#include "core/dense_trace.h"

#include <algorithm>
#include <stdexcept>

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

TracePtr make_dense_trace(TraceInfo info, std::vector<float> weights) {
    return std::make_shared<DenseTrace>(std::move(info), std::move(weights));
}

}  // namespace headlight
