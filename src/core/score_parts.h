// What the scores of one head are made of: q, k and everything that is done to their product before the
// softmax.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/attention_trace.h"
#include "core/head_id.h"

namespace headlight {

/// Two coordinates of a head that rotate together, and after how many tokens they have turned once.
struct RotationPair {
    int first = 0, second = 0;
    double wavelength = 0;  // tokens; infinity where nothing turns
};

/// score(i, j) = cap(scale q_i·k_j + bias_ij), cap(x) = softcap tanh(x / softcap) where there is one; weights
/// are the softmax of the scores over the keys that the mask allows and, where there is one, the sink.
struct ScoreParts {
    HeadId head;
    AttentionKind kind = AttentionKind::Self;
    int num_queries = 0, num_keys = 0;
    int depth = 0;              // head_dim
    std::vector<float> query;   // [num_queries, depth] after positions, before the scale
    std::vector<float> key;     // [num_keys, depth] after positions
    float scale = 1;            // of q·k
    float softcap = 0;          // 0: none
    std::optional<float> sink;  // learned score outside the text
    std::string bias_name;      // "ALiBi", "buckets of distance" ...; empty: there is none
    std::vector<float> bias;    // of the head: value (i, j) at bias_origin + i bias_stride + j
    std::int64_t bias_origin = 0, bias_stride = 0;
    std::vector<RotationPair> rotation;  // in the order of their coordinates; empty: none rotates

    const float* query_row(int i) const { return query.data() + std::int64_t{i} * depth; }
    const float* key_row(int j) const { return key.data() + std::int64_t{j} * depth; }
    bool has_bias() const { return !bias.empty(); }
    float bias_at(int i, int j) const {
        return has_bias() ? bias[static_cast<std::size_t>(bias_origin + i * bias_stride + j)] : 0.0f;
    }
    std::size_t size_bytes() const {
        return sizeof(ScoreParts) + (query.size() + key.size() + bias.size()) * sizeof(float) +
               rotation.size() * sizeof(RotationPair);
    }
};

}  // namespace headlight
