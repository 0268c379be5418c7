#include <algorithm>
#include <limits>
#include <numbers>

#include "model/forward/rope.h"
#include "model/forward/score_bias_tables.h"
#include "model/row_trace.h"
#include "model/weights/tensor_copies.h"

namespace headlight {
namespace {

const char* name_of(ScoreBias bias) {
    switch (bias) {
        case ScoreBias::None:
            return "";
        case ScoreBias::Alibi:
            return "ALiBi";
        case ScoreBias::Buckets:
            return "buckets of distance";
        case ScoreBias::Disentangled:
            return "content and position";
        case ScoreBias::Relative:
            return "content and distance";
        case ScoreBias::Grid:
            return "step from patch to patch";
    }
    return "";
}

std::vector<RotationPair> rotation_pairs(const RopeSettings& rope, int length) {
    std::vector<RotationPair> out;
    if (rope.rotary_dim == 0) return out;
    const int half = rope.rotary_dim / 2;
    const std::vector<float> frequencies = to_vector(rope_frequencies(rope, length));
    for (int i = 0; i < half; ++i) {
        const bool halves = rope.pairing == RopePairing::Halves;
        const double frequency = frequencies[static_cast<std::size_t>(i)];
        out.push_back(
            {halves ? i : 2 * i, halves ? i + half : 2 * i + 1,
             frequency > 0 ? 2 * std::numbers::pi / frequency : std::numeric_limits<double>::infinity()});
    }
    return out;
}

}  // namespace

ScoreParts start_score_parts(const TraceFacts& facts, HeadId head, int num_queries, int depth) {
    ScoreParts parts;
    const auto layer = static_cast<std::size_t>(head.layer);
    parts.head = head;
    parts.kind = facts.info.kind;
    parts.num_queries = num_queries;
    parts.num_keys = facts.info.num_keys;
    parts.depth = depth;
    parts.scale = facts.scales[layer];
    parts.softcap = facts.softcap;
    if (!facts.sinks.empty()) parts.sink = facts.sinks[facts.info.grid().index(head)];
    parts.bias_name = facts.bias_name;
    const RopeUse use = facts.rotations.empty() ? RopeUse::None : facts.rotations[layer];
    if (use != RopeUse::None)
        parts.rotation = use == RopeUse::Local ? facts.local_rotation : facts.main_rotation;
    if (!facts.bias) return parts;
    const auto begin = facts.bias.values->begin() + facts.bias.head_stride * head.head;
    parts.bias.assign(begin, begin + facts.bias.head_stride);
    parts.bias_origin = facts.bias.origin;
    parts.bias_stride = facts.bias.query_stride;
    return parts;
}

TraceFacts make_trace_facts(const Architecture& arch, const Weights& weights, int num_keys,
                            AttentionKind kind) {
    TraceFacts facts;
    facts.info.num_layers = arch.num_layers;
    facts.info.num_heads = arch.num_heads;
    facts.info.num_keys = num_keys;
    facts.info.kind = kind;
    facts.info.source = "measured";
    facts.info.is_causal = arch.is_causal && kind != AttentionKind::Cross;
    facts.scales = arch.attention_scale;
    if (kind == AttentionKind::Cross) return facts;
    facts.bias_name = name_of(arch.score_bias);
    for (int layer = 0; layer < arch.num_layers; ++layer)
        facts.rotations.push_back(arch.rope_of(layer));
    if (arch.position == PositionKind::Rotary) {
        facts.main_rotation = rotation_pairs(arch.rope, num_keys);
        const auto is_local = [](RopeUse use) { return use == RopeUse::Local; };
        if (std::any_of(facts.rotations.begin(), facts.rotations.end(), is_local))
            facts.local_rotation = rotation_pairs(arch.local_rope, num_keys);
    }
    facts.info.window = arch.window;
    facts.info.absent_layers = arch.absent_layers();
    facts.info.has_sink = arch.has_sinks;
    facts.bias = shared_score_bias(arch, weights, num_keys);
    facts.softcap = static_cast<float>(arch.attention_softcap);
    for (const LayerWeights& layer : weights.layers) {
        if (!layer.sinks.defined()) continue;
        const std::vector<float> sinks = to_vector(layer.sinks);
        facts.sinks.insert(facts.sinks.end(), sinks.begin(), sinks.end());
    }
    return facts;
}

}  // namespace headlight
