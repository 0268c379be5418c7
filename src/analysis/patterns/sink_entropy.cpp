#include "analysis/patterns/sink_entropy.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace headlight {
namespace {

constexpr double kRestingBelow = 0.05;

struct Rest {
    double mass = 0, entropy = 0;  // sum a and -sum a ln a over the keys that stay
    int num_keys = 0;
};

Rest rest_of(std::span<const float> weights, KeyRange keys, const std::vector<bool>& is_dropped) {
    Rest rest;
    for (int key = keys.begin; key < keys.end; ++key) {
        const auto index = static_cast<std::size_t>(key);
        if (is_dropped[index]) continue;
        const double weight = weights[index];
        rest.mass += weight;
        if (weight > 0) rest.entropy -= weight * std::log(weight);
        ++rest.num_keys;
    }
    return rest;
}

}  // namespace

SinkFreeEntropy entropy_without_keys(const AttentionTrace& trace, HeadId id, std::span<const int> dropped) {
    std::vector<bool> is_dropped(static_cast<std::size_t>(trace.num_keys()));
    for (const int key : dropped) {
        if (key >= 0 && key < trace.num_keys()) is_dropped[static_cast<std::size_t>(key)] = true;
    }
    std::vector<RowStats> rows(static_cast<std::size_t>(trace.num_queries()));
    std::vector<float> weights(static_cast<std::size_t>(trace.num_keys()));
    trace.row_stats(id.layer, id.head, rows);
    SinkFreeEntropy out;
    double sum = 0;
    int num_counted = 0, num_resting = 0;
    for (int query = 0; query < trace.num_queries(); ++query) {
        if (rows[static_cast<std::size_t>(query)].num_keys <= 0) continue;
        trace.rows(id.layer, id.head, query, query + 1, weights);
        const Rest rest = rest_of(weights, trace.admissible(id.layer, query), is_dropped);
        if (rest.num_keys < 1) continue;
        ++num_counted;
        if (rest.mass < kRestingBelow) ++num_resting;
        if (rest.mass < kRestingBelow || rest.num_keys < 2) continue;
        const double entropy = rest.entropy / rest.mass + std::log(rest.mass);
        sum += std::clamp(entropy / std::log(static_cast<double>(rest.num_keys)), 0.0, 1.0);
        ++out.num_rows;
    }
    if (out.num_rows > 0) out.normalized = sum / out.num_rows;
    if (num_counted > 0) out.resting_share = static_cast<double>(num_resting) / num_counted;
    return out;
}

}  // namespace headlight
