#include "model/forward/score_bias_tables.h"
#include "model/row_trace.h"
#include "model/weights/tensor_copies.h"

namespace headlight {

TraceFacts make_trace_facts(const Architecture& arch, const Weights& weights, int num_keys,
                            AttentionKind kind) {
    TraceFacts facts;
    facts.info.num_layers = arch.num_layers;
    facts.info.num_heads = arch.num_heads;
    facts.info.num_keys = num_keys;
    facts.info.kind = kind;
    facts.info.source = "measured";
    facts.info.is_causal = arch.is_causal && kind != AttentionKind::Cross;
    if (kind == AttentionKind::Cross) return facts;
    facts.info.window = arch.window;
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
