#include "core/dense_trace.h"

#include <algorithm>
#include <stdexcept>

#include "base/parallel.h"

namespace headlight {
namespace {

constexpr int kOverviewSize = 64;
constexpr std::size_t kThreadedCells = std::size_t{1} << 22;  // below, threads cost more than they bring

class DenseTrace final : public AttentionTrace {
  public:
    DenseTrace(TraceInfo info, std::span<const float> weights, std::shared_ptr<const void> owner)
        : info_(std::move(info)), weights_(weights), owner_(std::move(owner)) {
        const auto expected =
            info_.grid().size() * static_cast<std::size_t>(info_.num_queries) * info_.num_keys;
        if (weights_.size() != expected)
            throw std::invalid_argument("dense trace: weights do not fit the sizes");
        if (info_.storage.empty()) info_.storage = "weights";
        stats_.resize(info_.grid().size() * info_.num_queries);
        const HeadGrid grid = info_.grid();
        parallel_for(grid.size(), expected < kThreadedCells ? 1 : default_num_threads(),
                     [&](std::size_t i) { compute_head_stats(grid.at(i).layer, grid.at(i).head); });
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
        small.max.assign(static_cast<std::size_t>(small.rows) * static_cast<std::size_t>(small.cols), 0.0f);
        small.mean.assign(small.max.size(), 0.0f);
        std::vector<float> count(small.max.size(), 0.0f);
        std::vector<int> first_keys;  // of each column of tiles, and the end
        for (int col = 0; col <= small.cols; ++col)
            first_keys.push_back(
                static_cast<int>((std::int64_t{col} * info_.num_keys + small.cols - 1) / small.cols));
        for (int query = 0; query < info_.num_queries; ++query) {
            const float* weights = row(layer, head, query);
            const KeyRange range = admissible(layer, query);
            auto tile = static_cast<std::size_t>(query) * small.rows / info_.num_queries * small.cols;
            for (int col = 0; col < small.cols; ++col, ++tile) {
                const int begin = std::max(first_keys[col], range.begin),
                          end = std::min(first_keys[col + 1], range.end);
                for (int key = begin; key < end; ++key) {
                    small.max[tile] = std::max(small.max[tile], weights[key]);
                    small.mean[tile] += weights[key];
                }
                if (begin < end) count[tile] += static_cast<float>(end - begin);
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
    std::span<const float> weights_;  // [layer, head, query, key]
    std::shared_ptr<const void> owner_;
    std::vector<RowStats> stats_;  // [layer, head, query]
};

}  // namespace

TracePtr make_dense_trace(TraceInfo info, std::vector<float> weights) {
    const auto owner = std::make_shared<const std::vector<float>>(std::move(weights));
    return make_dense_trace(std::move(info), *owner, owner);
}

TracePtr make_dense_trace(TraceInfo info, std::span<const float> weights, std::shared_ptr<const void> owner) {
    return std::make_shared<DenseTrace>(std::move(info), weights, std::move(owner));
}

}  // namespace headlight
