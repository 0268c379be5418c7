#include "model/forward.h"

#include "model/blocks.h"
#include "model/torch_attention.h"

namespace headlight {
namespace {

void offer(Probe* probe, Site site, int layer, torch::Tensor& tensor) {
    if (probe != nullptr && probe->wants(site, layer)) probe->visit(site, layer, tensor);
}

}  // namespace

torch::Tensor embed_tokens(const Architecture& arch, const Weights& weights, const torch::Tensor& ids, int begin) {
    torch::Tensor x = torch::embedding(weights.token_embedding, ids);
    if (arch.position == PositionKind::Learned) {
        x = add_residual(x, weights.position_embedding.slice(0, begin, begin + ids.size(1)));
    }
    return x;
}

torch::Tensor run_block(const Architecture& arch, const LayerWeights& layer, int index, torch::Tensor x,
                        const RotaryTable& table, AttentionStep& attention) {
    const torch::Tensor normed = normalize(arch, x, layer.attention_norm, layer.attention_norm_bias);
    const torch::Tensor query = project(normed, layer.query, layer.query_bias);
    const torch::Tensor key = project(normed, layer.key, layer.key_bias);
    const torch::Tensor value = project(normed, layer.value, layer.value_bias);
    const torch::Tensor heads = attention.attend(index, query, key, value, table);
    x = add_residual(x, project(heads, layer.output, layer.output_bias));
    return add_residual(x, feed_forward(arch, layer, normalize(arch, x, layer.mlp_norm, layer.mlp_norm_bias)));
}

torch::Tensor forward_slice(const Architecture& arch, const Weights& weights, const torch::Tensor& ids,
                            TextSlice slice, AttentionStep& attention, Probe* probe) {
    return forward_from(arch, weights, embed_tokens(arch, weights, ids, slice.begin), 0, slice, attention, probe);
}

torch::Tensor forward_from(const Architecture& arch, const Weights& weights, torch::Tensor x, int first_layer,
                           TextSlice slice, AttentionStep& attention, Probe* probe) {
    const RotaryTable table = make_rotary_table(arch, slice.begin, static_cast<int>(x.size(1)), slice.length);
    for (int layer = first_layer; layer < arch.num_layers; ++layer) {
        if (probe != nullptr && !probe->begin_layer(layer, arch.num_layers)) return {};
        offer(probe, Site::BlockInput, layer, x);
        x = run_block(arch, weights.layers[static_cast<std::size_t>(layer)], layer, x, table, attention);
    }
    x = normalize(arch, x, weights.final_norm, weights.final_norm_bias);
    offer(probe, Site::FinalHidden, arch.num_layers, x);
    return x;
}

torch::Tensor forward_hidden(const Architecture& arch, const Weights& weights, const torch::Tensor& ids,
                             Probe* probe) {
    TorchAttention attention(arch, probe);
    return forward_slice(arch, weights, ids, {0, static_cast<int>(ids.size(1))}, attention, probe);
}

torch::Tensor output_logits(const Architecture& arch, const Weights& weights, const torch::Tensor& hidden) {
    const torch::Tensor& table = arch.is_head_tied ? weights.token_embedding : weights.head;
    return project(hidden, table, weights.head_bias);
}

}  // namespace headlight
