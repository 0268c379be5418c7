#include "core/cause/weighted_trace.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace headlight {
namespace {

constexpr int kTilesPerSide = 64;
constexpr int kRowsAtOnce = 32;  // that are read from the trace below

}  // namespace

WeightedTrace::WeightedTrace(TracePtr trace, WeightsShown weights)
    : raw_(std::move(trace)), info_(raw_->info()), weights_(weights), overviews_(info_.grid().size()) {
    info_.has_sink = info_.has_sink && weights == WeightsShown::Raw;  // rows are no shares of 1 any more
}

WeightedPtr WeightedTrace::without_sink(TracePtr trace, std::vector<bool> is_sink) {
    if (is_sink.size() != static_cast<std::size_t>(trace->num_keys()))
        throw std::invalid_argument("weights without the sink: one flag a key is needed");
    const std::shared_ptr<WeightedTrace> out(new WeightedTrace(std::move(trace), WeightsShown::NoSink));
    out->is_sink_ = std::move(is_sink);
    return out;
}

WeightedPtr WeightedTrace::with_factors(TracePtr trace, WeightsShown weights,
                                        std::shared_ptr<const CellFactors> factors) {
    const TraceInfo& info = trace->info();
    const auto num_heads = static_cast<std::int64_t>(info.grid().size());
    const bool has_keys = factors && factors->key.rows == num_heads && factors->key.cols == info.num_keys;
    const bool has_queries = factors && (factors->query.empty() || (factors->query.rows == info.num_layers &&
                                                                    factors->query.cols == info.num_queries));
    if (!has_keys || !has_queries)
        throw std::invalid_argument("weighted cells: the factors are of another text or model");
    const std::shared_ptr<WeightedTrace> out(new WeightedTrace(std::move(trace), weights));
    out->factors_ = std::move(factors);
    return out;
}

// Turns the weights of a row into what is shown.
WeightedTrace::RowRestOf WeightedTrace::shape_row(int layer, int head, int query,
                                                  std::span<float> row) const {
    if (factors_) {
        const auto keys = factors_->key.row(static_cast<std::int64_t>(info_.grid().index({layer, head})));
        const float of_query = factors_->query.empty() ? 1.0f : factors_->query.at(layer, query);
        for (std::size_t key = 0; key < row.size(); ++key)
            row[key] *= keys[key] * of_query;
        return {};
    }
    const KeyRange range = raw_->admissible(layer, query);
    double removed = 0, rest = 0;
    int num_left = 0;
    for (int key = range.begin; key < range.end; ++key) {
        const bool is_out = is_sink(key);
        (is_out ? removed : rest) += row[static_cast<std::size_t>(key)];
        num_left += is_out ? 0 : 1;
    }
    const RowRest state = num_left == 0       ? RowRest::NoKeys
                          : rest < kLeastRest ? RowRest::Resting
                                              : RowRest::Shown;
    for (int key = range.begin; key < range.end; ++key) {
        float& value = row[static_cast<std::size_t>(key)];
        value = state != RowRest::Shown || is_sink(key) ? 0.0f : static_cast<float>(value / rest);
    }
    return {state, static_cast<float>(removed)};
}

void WeightedTrace::rows(int layer, int head, int query_begin, int query_end, std::span<float> out) const {
    raw_->rows(layer, head, query_begin, query_end, out);
    const auto num_keys = static_cast<std::size_t>(info_.num_keys);
    for (int query = query_begin; query < query_end; ++query)
        shape_row(layer, head, query,
                  out.subspan(static_cast<std::size_t>(query - query_begin) * num_keys, num_keys));
}

std::vector<WeightedTrace::RowRestOf> WeightedTrace::rest(int layer, int head) const {
    std::vector<RowRestOf> out(static_cast<std::size_t>(info_.num_queries));
    if (factors_) return out;
    const auto num_keys = static_cast<std::size_t>(info_.num_keys);
    std::vector<float> block(kRowsAtOnce * num_keys);
    for (int begin = 0; begin < info_.num_queries; begin += kRowsAtOnce) {
        const int end = std::min(begin + kRowsAtOnce, info_.num_queries);
        const auto size = static_cast<std::size_t>(end - begin) * num_keys;
        raw_->rows(layer, head, begin, end, std::span(block).first(size));
        for (int query = begin; query < end; ++query)
            out[static_cast<std::size_t>(query)] = shape_row(
                layer, head, query,
                std::span(block).subspan(static_cast<std::size_t>(query - begin) * num_keys, num_keys));
    }
    return out;
}

WeightedTrace::RowRestOf WeightedTrace::rest_of(int layer, int head, int query) const {
    if (factors_) return {};
    std::vector<float> row(static_cast<std::size_t>(info_.num_keys));
    raw_->rows(layer, head, query, query + 1, row);
    return shape_row(layer, head, query, row);
}

void WeightedTrace::row_stats(int layer, int head, std::span<RowStats> out) const {
    const std::vector<RowRestOf> states = rest(layer, head);
    std::vector<float> row(static_cast<std::size_t>(info_.num_keys));
    for (int query = 0; query < info_.num_queries; ++query) {
        RowStats& stats = out[static_cast<std::size_t>(query)];
        stats = {};
        if (states[static_cast<std::size_t>(query)].state != RowRest::Shown) continue;
        rows(layer, head, query, query + 1, row);
        stats =
            compute_row_stats(row, info_.kind == AttentionKind::Cross ? -1 : query, admissible(layer, query));
    }
}

bool WeightedTrace::has_cheap_overview(int layer, int head) const {
    if (info_.storage == "weights") return true;
    const std::lock_guard lock(mutex_);
    return overviews_[info_.grid().index({layer, head})] != nullptr;
}

Overview WeightedTrace::overview(int layer, int head) const {
    const std::size_t index = info_.grid().index({layer, head});
    {
        const std::lock_guard lock(mutex_);
        if (overviews_[index]) return *overviews_[index];
    }
    auto made = std::make_shared<const Overview>(make_overview(layer, head));
    const std::lock_guard lock(mutex_);
    overviews_[index] = made;
    return *made;
}

// The tiles of a raw trace's overview.
Overview WeightedTrace::make_overview(int layer, int head) const {
    Overview out;
    out.rows = std::min(info_.num_queries, kTilesPerSide);
    out.cols = std::min(info_.num_keys, kTilesPerSide);
    const auto num_cols = static_cast<std::size_t>(out.cols),
               num_keys = static_cast<std::size_t>(info_.num_keys);
    out.max.assign(static_cast<std::size_t>(out.rows) * num_cols, 0.0f);
    out.mean = out.max;
    std::vector<int> counts(out.max.size(), 0);
    std::vector<std::size_t> tile_of(num_keys);  // column of a key; a division a cell would cost the most
    for (std::size_t key = 0; key < num_keys; ++key)
        tile_of[key] = key * num_cols / num_keys;
    std::vector<float> block(kRowsAtOnce * num_keys);
    for (int query = 0; query < info_.num_queries; ++query) {
        if (query % kRowsAtOnce == 0) {
            const int end = std::min(query + kRowsAtOnce, info_.num_queries);
            rows(layer, head, query, end,
                 std::span(block).first(static_cast<std::size_t>(end - query) * num_keys));
        }
        const float* row = block.data() + static_cast<std::size_t>(query % kRowsAtOnce) * num_keys;
        const KeyRange range = admissible(layer, query);
        const std::size_t first = static_cast<std::size_t>(query) * static_cast<std::size_t>(out.rows) /
                                  static_cast<std::size_t>(info_.num_queries) * num_cols;
        for (int key = range.begin; key < range.end; ++key) {
            const auto at = static_cast<std::size_t>(key);
            const std::size_t tile = first + tile_of[at];
            if (std::abs(row[at]) > std::abs(out.max[tile])) out.max[tile] = row[at];
            out.mean[tile] += row[at];
            ++counts[tile];
        }
    }
    for (std::size_t tile = 0; tile < counts.size(); ++tile)
        if (counts[tile] > 0) out.mean[tile] /= static_cast<float>(counts[tile]);
    return out;
}

std::size_t WeightedTrace::size_bytes() const {
    const std::lock_guard lock(mutex_);
    std::size_t bytes = raw_->size_bytes();
    for (const auto& overview : overviews_)
        if (overview) bytes += (overview->max.size() + overview->mean.size()) * sizeof(float);
    return bytes;
}

double kept_share(std::span<const float> row) {
    double sum = 0, sizes = 0;
    for (const float value : row) {
        sum += value;
        sizes += std::abs(value);
    }
    return sizes > 0 ? std::abs(sum) / sizes : 0;
}

}  // namespace headlight
