// What every trace answers alike.
#include "core/attention_trace.h"

#include <algorithm>

#include "core/key_window.h"

namespace headlight {

KeyRange AttentionTrace::admissible(int layer, int query) const {
    const TraceInfo& facts = info();
    if (is_absent(layer)) return {};
    const int window = facts.window.empty() ? 0 : facts.window[static_cast<std::size_t>(layer)];
    return keys_in_window(query, facts.num_keys, facts.is_causal, window);
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

}  // namespace headlight
