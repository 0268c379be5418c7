#include "core/cause/weighted_trace.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/row_overview.h"
#include "core/units/grouped_trace.h"

namespace headlight {
namespace {

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

WeightedPtr WeightedTrace::between_units(WeightedPtr tokens, std::shared_ptr<const GroupedTrace> raw) {
    if (!tokens || !raw || tokens->raw() != raw->tokens())
        throw std::invalid_argument("weighted cells between units: the units are of another trace");
    const std::shared_ptr<WeightedTrace> out(new WeightedTrace(raw, tokens->weights()));
    const auto& groups = raw->groups();
    out->gathered_ =
        std::make_shared<const GroupedTrace>(tokens, groups, tokens->weights() == WeightsShown::NoSink);
    for (const TokenRange& unit : groups->keys) {
        bool is_sink = true;
        for (int key = unit.begin; key < unit.end; ++key)
            is_sink = is_sink && tokens->is_sink(key);
        out->is_sink_.push_back(is_sink);
    }
    out->of_tokens_ = std::move(tokens);
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
    if (gathered_) return gathered_->rows(layer, head, query_begin, query_end, out);
    raw_->rows(layer, head, query_begin, query_end, out);
    const auto num_keys = static_cast<std::size_t>(info_.num_keys);
    for (int query = query_begin; query < query_end; ++query)
        shape_row(layer, head, query,
                  out.subspan(static_cast<std::size_t>(query - query_begin) * num_keys, num_keys));
}

std::vector<WeightedTrace::RowRestOf> WeightedTrace::rest(int layer, int head) const {
    std::vector<RowRestOf> out(static_cast<std::size_t>(info_.num_queries));
    if (of_tokens_) {
        const std::vector<RowRestOf> tokens = of_tokens_->rest(layer, head);
        for (int query = 0; query < info_.num_queries; ++query)
            out[static_cast<std::size_t>(query)] = rest_between(tokens, query);
        return out;
    }
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

// Shown where a row of its tokens is; what was taken out is the mean over their rows.
WeightedTrace::RowRestOf WeightedTrace::rest_between(const std::vector<RowRestOf>& tokens, int query) const {
    const TextGroups& groups = *gathered_->groups();
    const TokenRange unit = groups.queries[static_cast<std::size_t>(query)];
    RowRestOf out{RowRest::NoKeys, 0};
    const int begin = groups.from == FromGroup::Last ? unit.last() : unit.begin;
    for (int row = begin; row < unit.end; ++row) {
        const RowRestOf& one = tokens[static_cast<std::size_t>(row)];
        out.removed += one.removed / static_cast<float>(unit.end - begin);
        if (one.state == RowRest::Shown || out.state == RowRest::NoKeys) out.state = one.state;
    }
    return out;
}

WeightedTrace::RowRestOf WeightedTrace::rest_of(int layer, int head, int query) const {
    if (of_tokens_) return rest(layer, head)[static_cast<std::size_t>(query)];
    if (factors_) return {};
    std::vector<float> row(static_cast<std::size_t>(info_.num_keys));
    raw_->rows(layer, head, query, query + 1, row);
    return shape_row(layer, head, query, row);
}

void WeightedTrace::row_stats(int layer, int head, std::span<RowStats> out) const {
    if (gathered_) return gathered_->row_stats(layer, head, out);
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
    if (gathered_) return gathered_->is_gathered(layer, head);
    if (info_.storage == "weights") return true;
    const std::lock_guard lock(mutex_);
    return overviews_[info_.grid().index({layer, head})] != nullptr;
}

Overview WeightedTrace::overview(int layer, int head) const {
    if (gathered_) return gathered_->overview(layer, head);
    const std::size_t index = info_.grid().index({layer, head});
    {
        const std::lock_guard lock(mutex_);
        if (overviews_[index]) return *overviews_[index];
    }
    auto made = std::make_shared<const Overview>(overview_of_rows(
        *this, layer, [&](int begin, int end, std::span<float> out) { rows(layer, head, begin, end, out); }));
    const std::lock_guard lock(mutex_);
    overviews_[index] = made;
    return *made;
}

std::size_t WeightedTrace::size_bytes() const {
    const std::lock_guard lock(mutex_);
    std::size_t bytes = raw_->size_bytes();
    if (gathered_) bytes += gathered_->size_bytes();
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
