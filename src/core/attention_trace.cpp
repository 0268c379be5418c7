// What every trace answers alike, and the statistics of a row.
#include "core/attention_trace.h"

#include <algorithm>
#include <cmath>

namespace headlight {

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

void AttentionTrace::even_rows(int layer, int query_begin, int query_end, std::span<float> out) const {
    const auto num_keys = static_cast<std::size_t>(info().num_keys);
    std::fill(out.begin(), out.end(), 0.0f);
    for (int query = query_begin; query < query_end; ++query) {
        const KeyRange keys = admissible(layer, query);
        const auto row = out.subspan(static_cast<std::size_t>(query - query_begin) * num_keys, num_keys);
        for (int key = keys.begin; key < keys.end; ++key)
            row[static_cast<std::size_t>(key)] = 1.0f / static_cast<float>(keys.count());
    }
}

int AttentionTrace::mask_of(int layer) const {
    const std::vector<int>& window = info().window;
    const auto window_at = [&](int at) { return window.empty() ? 0 : window[static_cast<std::size_t>(at)]; };
    for (int first = 0; first < layer; ++first) {
        if (is_absent(first) == is_absent(layer) && window_at(first) == window_at(layer)) return first;
    }
    return layer;
}

std::vector<float> AttentionTrace::matrix(int layer, int head) const {
    std::vector<float> out(static_cast<std::size_t>(num_queries()) * num_keys());
    rows(layer, head, 0, num_queries(), out);
    return out;
}

bool KeySet::is_sound(std::size_t num_queries) const {
    if (num_rows() != num_queries) return false;
    if (num_queries == 0) return true;
    if (row_end.empty() ? row_begin.size() != num_queries + 1 : row_begin.size() != num_queries) return false;
    // Rows may overlap: each place where keys do not ascend is noted once.
    std::vector<std::uint32_t> breaks(keys.size() + 1);  // [k]: such places before k
    for (std::size_t k = 1; k < keys.size(); ++k)
        breaks[k + 1] = breaks[k] + (keys[k - 1] >= keys[k] ? 1 : 0);
    for (std::size_t query = 0; query < num_queries; ++query) {
        const std::size_t begin = row_begin[query],
                          end = row_end.empty() ? row_begin[query + 1] : row_end[query];
        if (begin > end || end > keys.size()) return false;
        if (end > begin && breaks[end] != breaks[begin + 1]) return false;
    }
    return true;
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

}  // namespace headlight
