// One row of a head, from its pieces.
#include "analysis/scores/score_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headlight {

std::vector<float> products(const ScoreParts& parts, int query, int key) {
    std::vector<float> out(static_cast<std::size_t>(parts.depth));
    for (int d = 0; d < parts.depth; ++d)
        out[static_cast<std::size_t>(d)] = parts.query_row(query)[d] * parts.key_row(key)[d];
    return out;
}

ScoreRow score_row(const ScoreParts& parts, int query, KeyRange range) {
    ScoreRow out;
    out.query = query;
    double largest = parts.sink ? *parts.sink : -std::numeric_limits<double>::infinity();
    const float* q = parts.query_row(query);
    for (int key = 0; key < parts.num_keys; ++key) {
        KeyScore one;
        one.key = key;
        one.is_masked = key < range.begin || key >= range.end;
        const float* k = parts.key_row(key);
        for (int d = 0; d < parts.depth; ++d)
            one.product += static_cast<double>(q[d]) * k[d];
        one.scaled = one.product * parts.scale;
        if (!one.is_masked) {
            one.bias = parts.bias_at(query, key);
            one.score = one.scaled + one.bias;
            if (parts.softcap > 0) one.score = parts.softcap * std::tanh(one.score / parts.softcap);
            largest = std::max(largest, one.score);
        }
        out.keys.push_back(one);
    }
    double sum = parts.sink ? std::exp(*parts.sink - largest) : 0;
    for (KeyScore& one : out.keys) {
        if (one.is_masked) continue;
        one.weight = std::exp(one.score - largest);
        sum += one.weight;
    }
    if (!(sum > 0)) return out;
    if (parts.sink) out.sink_weight = std::exp(*parts.sink - largest) / sum;
    for (KeyScore& one : out.keys)
        one.weight /= sum;
    return out;
}

}  // namespace headlight
