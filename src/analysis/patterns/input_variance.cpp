#include "analysis/patterns/input_variance.h"

namespace headlight {
namespace {

std::size_t num_cells(const std::vector<KeyRange>& rows) {
    std::size_t count = 0;
    for (const KeyRange& keys : rows)
        count += static_cast<std::size_t>(keys.count());
    return count;
}

bool has_same_rows(const std::vector<std::vector<KeyRange>>& a, const std::vector<std::vector<KeyRange>>& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t layer = 0; layer < a.size(); ++layer) {
        if (a[layer].size() != b[layer].size()) return false;
        for (std::size_t i = 0; i < a[layer].size(); ++i) {
            const KeyRange left = a[layer][i], right = b[layer][i];
            if (left.begin != right.begin || left.end != right.end) return false;
        }
    }
    return true;
}

std::vector<std::vector<KeyRange>> key_ranges(const AttentionTrace& trace) {
    std::vector<std::vector<KeyRange>> out(static_cast<std::size_t>(trace.num_layers()));
    for (int layer = 0; layer < trace.num_layers(); ++layer) {
        for (int query = 0; query < trace.num_queries(); ++query)
            out[static_cast<std::size_t>(layer)].push_back(trace.admissible(layer, query));
    }
    return out;
}

}  // namespace

Status InputVariance::begin(const AttentionTrace& trace) {
    std::vector<std::vector<KeyRange>> keys = key_ranges(trace);
    const auto num_heads = static_cast<std::size_t>(trace.num_heads());
    std::size_t cells = 0;
    for (const auto& layer : keys)
        cells += num_heads * num_cells(layer);
    if (cells > kMostBytes / (2 * sizeof(double))) {
        return fail(ErrorKind::OutOfMemory,
                    "variance over texts: {} weights of {} tokens would need {} MB, the most is {} MB; use "
                    "shorter texts",
                    cells, trace.num_queries(), cells * 2 * sizeof(double) >> 20, kMostBytes >> 20);
    }
    info_ = trace.info();
    keys_ = std::move(keys);
    for (const auto& layer : keys_) {
        Head empty;
        empty.mean.assign(num_cells(layer), 0.0);
        empty.squares = empty.mean;
        empty.is_valid.assign(layer.size(), true);
        heads_.insert(heads_.end(), num_heads, empty);
    }
    return {};
}

bool InputVariance::is_like(const AttentionTrace& trace) const {
    return trace.num_heads() == info_.num_heads && trace.num_keys() == info_.num_keys &&
           has_same_rows(key_ranges(trace), keys_);
}

Status InputVariance::add(const AttentionTrace& trace) {
    if (num_texts_ == 0 && heads_.empty()) HEADLIGHT_CHECK(begin(trace));
    if (!is_like(trace)) {
        return fail(ErrorKind::InvalidInput,
                    "variance over texts: this text has {} layers of {} heads over {} tokens, the ones "
                    "before {} of {} "
                    "over {}, with their mask; all must be alike",
                    trace.num_layers(), trace.num_heads(), trace.num_queries(), info_.num_layers,
                    info_.num_heads, info_.num_queries);
    }
    ++num_texts_;
    for (int layer = 0; layer < info_.num_layers; ++layer) {
        for (int head = 0; head < info_.num_heads; ++head) {
            add_head(trace, {layer, head}, heads_[info_.grid().index({layer, head})]);
        }
    }
    return {};
}

void InputVariance::add_head(const AttentionTrace& trace, HeadId id, Head& head) {
    std::vector<RowStats> rows(static_cast<std::size_t>(info_.num_queries));
    std::vector<float> weights(static_cast<std::size_t>(info_.num_keys));
    trace.row_stats(id.layer, id.head, rows);
    std::size_t cell = 0;
    for (int query = 0; query < info_.num_queries; ++query) {
        const KeyRange keys = keys_[static_cast<std::size_t>(id.layer)][static_cast<std::size_t>(query)];
        if (rows[static_cast<std::size_t>(query)].num_keys <= 0) {
            head.is_valid[static_cast<std::size_t>(query)] = false;
            cell += static_cast<std::size_t>(keys.count());
            continue;
        }
        trace.rows(id.layer, id.head, query, query + 1, weights);
        for (int key = keys.begin; key < keys.end; ++key, ++cell) {
            const double offset = weights[static_cast<std::size_t>(key)] - head.mean[cell];
            head.mean[cell] += offset / num_texts_;
            head.squares[cell] += offset * (weights[static_cast<std::size_t>(key)] - head.mean[cell]);
        }
    }
}

Status InputVariance::merge(const InputVariance& other) {
    if (other.num_texts_ == 0) return {};
    if (num_texts_ == 0) {
        *this = other;
        return {};
    }
    if (info_.num_heads != other.info_.num_heads || info_.num_keys != other.info_.num_keys ||
        !has_same_rows(keys_, other.keys_)) {
        return fail(ErrorKind::InvalidInput,
                    "variance over texts: parts of {} and {} tokens, or of different heads or masks, cannot "
                    "be joined",
                    info_.num_queries, other.info_.num_queries);
    }
    const double left = num_texts_, right = other.num_texts_, all = left + right;
    for (std::size_t h = 0; h < heads_.size(); ++h) {
        Head& head = heads_[h];
        const Head& more = other.heads_[h];
        for (std::size_t cell = 0; cell < head.mean.size(); ++cell) {
            const double offset = more.mean[cell] - head.mean[cell];
            head.mean[cell] += offset * right / all;
            head.squares[cell] += more.squares[cell] + offset * offset * left * right / all;
        }
        for (std::size_t i = 0; i < head.is_valid.size(); ++i)
            head.is_valid[i] = head.is_valid[i] && more.is_valid[i];
    }
    num_texts_ += other.num_texts_;
    return {};
}

std::optional<double> InputVariance::value(HeadId id) const {
    const bool is_inside =
        id.layer >= 0 && id.layer < info_.num_layers && id.head >= 0 && id.head < info_.num_heads;
    if (num_texts_ < 2 || !is_inside) return std::nullopt;
    const Head& head = heads_[info_.grid().index(id)];
    double sum = 0;
    std::size_t cell = 0, count = 0;
    for (std::size_t query = 0; query < head.is_valid.size(); ++query) {
        const auto num_keys =
            static_cast<std::size_t>(keys_[static_cast<std::size_t>(id.layer)][query].count());
        for (std::size_t i = 0; i < num_keys; ++i, ++cell) {
            if (head.is_valid[query]) sum += head.squares[cell] / (num_texts_ - 1);
        }
        if (head.is_valid[query]) count += num_keys;
    }
    if (count == 0) return std::nullopt;
    return sum / static_cast<double>(count);
}

}  // namespace headlight
