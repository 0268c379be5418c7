// The scores of a head taken apart.
#include "model/cause/score_parts.h"

#include "model/forward/blocks.h"
#include "model/forward/forward.h"
#include "model/forward/score_bias_tables.h"
#include "model/row_trace.h"
#include "model/weights/tensor_copies.h"

namespace headlight {
namespace {

const LayerWeights& scored_layer(const LoadedModel& model, int layer) {
    return model.weights.layers[static_cast<std::size_t>(layer)];
}

/// Columns of one head of x [N, heads * head_dim].
torch::Tensor columns_of(const Architecture& arch, const torch::Tensor& x, int head) {
    return x.narrow(1, std::int64_t{head} * arch.head_dim, arch.head_dim);
}

/// Columns of one head after positions, [N * head_dim].
std::vector<float> placed(const LoadedModel& model, int layer, const torch::Tensor& x, int head,
                          const torch::Tensor& gain, bool is_query) {
    const Architecture& arch = model.arch;
    const torch::Tensor own = columns_of(arch, x, head).unsqueeze(0).unsqueeze(2);
    const auto count = static_cast<int>(x.size(0));
    const RopeSettings& rope = arch.rope_settings(layer);
    const RotaryTable table = make_layer_table(arch, model.weights, layer, 0, count, count);
    const auto place = is_query ? place_queries : place_keys;
    const torch::Tensor after = arch.gains_after_rotation ? gain : torch::Tensor();
    return to_vector(place(own, table, rope.pairing, after).contiguous());
}

/// The bias of a layer that does not share it.
ScoreBiasTable bias_of_layer(const LoadedModel& model, int layer, const torch::Tensor& query,
                             const torch::Tensor& key) {
    const auto num_tokens = static_cast<int>(query.size(0));
    if (model.arch.has_buckets_per_layer)
        return layer_score_biases(model.arch, model.weights, num_tokens)[static_cast<std::size_t>(layer)];
    const torch::Tensor relative = relative_embeddings(model.arch, model.weights, num_tokens);
    return layer_score_bias(model.arch, model.weights, scored_layer(model, layer), layer, relative, query,
                            key);
}

/// One head of it.
void add_own_bias(const LoadedModel& model, int layer, const torch::Tensor& query, const torch::Tensor& key,
                  ScoreParts& parts) {
    const ScoreBiasTable table = bias_of_layer(model, layer, query, key);
    const auto begin = table.values->begin() + table.head_stride * parts.head.head;
    parts.bias.assign(begin, begin + table.head_stride);
    parts.bias_origin = table.origin;
    parts.bias_stride = table.query_stride;
}

/// What cross-attention of a layer reads of the decoder, [N, D]: the state after attention over its own text.
torch::Tensor cross_input(const LoadedModel& model, const Recording& recording, int layer) {
    const Architecture& arch = model.arch;
    const LayerWeights& weights = scored_layer(model, layer);
    const auto at = static_cast<std::size_t>(layer);
    const torch::Tensor& x = recording.entering[at];
    const torch::Tensor from =
        arch.adds_to_normed ? attention_input(arch, model.weights, layer, x.clone()) : x;
    torch::Tensor sum = from + recording.attention[at] * arch.residual_scale;
    if (arch.norm_place == NormPlace::AfterSum)
        sum = normalize(arch, sum, weights.attention_norm, weights.attention_norm_bias);
    return norms_before(arch) ? normalize(arch, sum, weights.cross_norm, weights.cross_norm_bias) : sum;
}

}  // namespace

Result<ScoreParts> score_parts_of(const LoadedModel& model, const Recording& recording, AttentionKind kind,
                                  HeadId head) {
    const Architecture& arch = model.arch;
    const LayerWeights& layer = scored_layer(model, head.layer);
    const bool is_cross = kind == AttentionKind::Cross;
    if (is_cross && !arch.has_cross_attention)
        return fail(ErrorKind::Unsupported, "{} has no cross attention", model.spec.name);
    const int num_queries = recording.num_tokens();
    const int num_keys = is_cross ? static_cast<int>(recording.encoder_hidden.size(0)) : num_queries;
    ScoreParts parts = start_score_parts(make_trace_facts(arch, model.weights, num_keys, kind), head,
                                         num_queries, arch.head_dim);
    const int kv_head = head.head / arch.group_size();
    if (is_cross) {
        const torch::Tensor query = project(cross_input(model, recording, head.layer), layer.cross.query,
                                            layer.cross.query_bias),
                            key = project(recording.encoder_hidden, layer.cross.key, layer.cross.key_bias);
        parts.query = to_vector(columns_of(arch, query, head.head).contiguous());
        parts.key = to_vector(columns_of(arch, key, kv_head).contiguous());
        return parts;
    }
    const torch::Tensor read = attention_input(arch, model.weights, head.layer,
                                               recording.entering[static_cast<std::size_t>(head.layer)]);
    // A batch of one, as the forward pass has it: norms of heads read that shape.
    const torch::Tensor query = project_queries(arch, model.weights, head.layer, read.unsqueeze(0))[0],
                        key = project_keys(arch, model.weights, head.layer, read.unsqueeze(0))[0];
    parts.query = placed(model, head.layer, query, head.head, layer.query_norm, true);
    parts.key = placed(model, head.layer, key, kv_head, layer.key_norm, false);
    if (arch.has_layer_bias() || arch.has_buckets_per_layer)
        add_own_bias(model, head.layer, query, key, parts);
    return parts;
}

}  // namespace headlight
