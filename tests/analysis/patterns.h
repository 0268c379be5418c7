// Attention patterns with known answers, for the tests of this room.
#pragma once

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "analysis/detector.h"
#include "core/attention_trace.h"
#include "core/dense_trace.h"

namespace headlight::test {

/// weight(query, key) of one head.
using WeightOf = std::function<double(int, int)>;

/// A causal trace of `num_layers` equal layers of the given heads over `num_tokens` tokens.
inline TracePtr causal_trace(int num_tokens, const std::vector<WeightOf>& heads, int num_layers = 1) {
    TraceInfo info;
    info.num_layers = num_layers;
    info.num_heads = static_cast<int>(heads.size());
    info.num_queries = info.num_keys = num_tokens;
    std::vector<float> weights;  // [layer, head, query, key]
    for (int layer = 0; layer < num_layers; ++layer) {
        for (const WeightOf& head : heads) {
            for (int query = 0; query < num_tokens; ++query) {
                for (int key = 0; key < num_tokens; ++key) {
                    weights.push_back(key <= query ? static_cast<float>(head(query, key)) : 0.0f);
                }
            }
        }
    }
    return make_dense_trace(info, weights);
}

inline TracePtr causal_trace(int num_tokens, const WeightOf& head, int num_layers = 1) {
    return causal_trace(num_tokens, std::vector<WeightOf>{head}, num_layers);
}

inline double uniform(int query, int) {
    return 1.0 / (query + 1);
}
inline double previous(int query, int key) {
    return key == std::max(0, query - 1) ? 1 : 0;
}
inline double first(int, int key) {
    return key == 0 ? 1 : 0;
}
inline double identity(int query, int key) {
    return key == query ? 1 : 0;
}
/// Uniform inside blocks of two tokens (closed form C9).
inline double block_of_two(int query, int key) {
    if (key / 2 != query / 2) return 0;
    return query % 2 == 0 ? 1.0 : 0.5;
}

/// Positive weights without any structure; rows sum to 1.
inline WeightOf noise(std::uint32_t seed) {
    return [seed](int query, int key) {
        const auto value = [&](int j) {
            std::uint32_t x = seed * 747796405u + static_cast<std::uint32_t>(query) * 2654435761u +
                              static_cast<std::uint32_t>(j) * 40503u;
            x = (x ^ (x >> 15)) * 2246822519u;
            x = (x ^ (x >> 13)) * 3266489917u;
            return std::pow(((x ^ (x >> 16)) >> 8) / 16777216.0, 4.0) + 1e-6;
        };
        double sum = 0;
        for (int j = 0; j <= query; ++j)
            sum += value(j);
        return value(key) / sum;
    };
}

inline std::vector<RowStats> rows_of(const AttentionTrace& trace, int layer = 0, int head = 0) {
    std::vector<RowStats> rows(static_cast<std::size_t>(trace.num_queries()));
    trace.row_stats(layer, head, rows);
    return rows;
}

inline std::vector<Token> tokens_of(const std::vector<std::int32_t>& ids, std::int32_t bos_id = -1) {
    std::vector<Token> tokens;
    for (const std::int32_t id : ids) {
        Token token;
        token.id = id;
        token.piece = token.display = std::to_string(id);
        token.is_special = id == bos_id;
        tokens.push_back(token);
    }
    return tokens;
}

/// BOS X X with distinct ids: 0, 1..B, 1..B.
inline std::vector<Token> repeated_block(int block_length) {
    std::vector<std::int32_t> ids = {0};
    for (int copy = 0; copy < 2; ++copy) {
        for (int i = 1; i <= block_length; ++i)
            ids.push_back(i);
    }
    return tokens_of(ids, 0);
}

/// The one tag of that id.
inline DetectorScore tag_of(const AttentionTrace& trace, const std::vector<Token>& tokens,
                            std::string_view id, HeadId head = {}) {
    for (const Tag& tag : detect(trace, tokens, head, {})) {
        if (id == tag.detector->id) return tag.score;
    }
    return {};
}

}  // namespace headlight::test
