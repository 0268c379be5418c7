#include "model/forward/forward.h"

#include "model/forward/blocks.h"
#include "model/forward/experts.h"
#include "model/forward/products.h"
#include "model/forward/projections.h"
#include "model/forward/score_bias_tables.h"
#include "model/forward/torch_attention.h"

namespace headlight {
namespace {

void offer(Probe* probe, Site site, int layer, torch::Tensor& tensor) {
    if (probe != nullptr && probe->wants(site, layer)) probe->visit(site, layer, tensor);
}

/// Shows heads' outputs [B, N, H * head_dim] to the probe, head by head.
torch::Tensor offer_heads(const PassContext& context, Site site, int index, const torch::Tensor& out) {
    if (context.probe == nullptr || !context.probe->wants(site, index)) return out;
    torch::Tensor by_head = out.unflatten(-1, {context.arch.num_heads, context.arch.head_dim});
    context.probe->visit(site, index, by_head);
    return by_head.flatten(-2);
}

/// The attention part of a block over normed x, what it adds.
torch::Tensor self_attention(const PassContext& context, int index, const torch::Tensor& x) {
    const Architecture& arch = context.arch;
    const LayerWeights& layer = context.weights.layers[static_cast<std::size_t>(index)];
    Projections projected = project_layer(arch, layer, index, x);
    AttentionInputs inputs{
        std::move(projected.query),
        std::move(projected.key),
        std::move(projected.value),
        context.rotary.of(arch.rope_of(index)),
        context.layer_bias.empty() ? context.bias : context.layer_bias[static_cast<std::size_t>(index)],
        layer.sinks};
    if (arch.gains_after_rotation) {
        inputs.query_gain = layer.query_norm;
        inputs.key_gain = layer.key_norm;
    }
    offer(context.probe, Site::Query, index, inputs.query);
    offer(context.probe, Site::Key, index, inputs.key);
    offer(context.probe, Site::Value, index, inputs.value);
    if (arch.has_layer_bias()) {
        inputs.bias = layer_score_bias(arch, context.weights, layer, index, context.relative, inputs.query[0],
                                       inputs.key[0]);
    }
    torch::Tensor out =
        offer_heads(context, Site::HeadOutput, index, context.attention.attend(index, inputs));
    out = project(out, layer.output, layer.output_bias);
    if (arch.span_kernel_size > 0) out = out + span_convolution(arch, layer, x);
    if (norms_output(arch))
        out = normalize(arch, out, layer.attention_output_norm, layer.attention_output_norm_bias);
    offer(context.probe, Site::AttentionAdded, index, out);
    return out;
}

/// x and what one part adds to it.
torch::Tensor add_part(const Architecture& arch, const torch::Tensor& x, const torch::Tensor& added) {
    return add_residual(x, arch.residual_scale == 1.0 ? added : added * arch.residual_scale);
}

torch::Tensor add_cross_attention(const PassContext& context, int index, const torch::Tensor& x) {
    const Architecture& arch = context.arch;
    const LayerWeights& layer = context.weights.layers[static_cast<std::size_t>(index)];
    const torch::Tensor normed =
        norms_before(arch) ? normalize(arch, x, layer.cross_norm, layer.cross_norm_bias) : x;
    AttentionInputs inputs{
        project(normed, layer.cross.query, layer.cross.query_bias), {}, {}, context.rotary.none, {}, {}};
    if (context.encoder_hidden.defined()) {
        inputs.key = project(context.encoder_hidden, layer.cross.key, layer.cross.key_bias);
        inputs.value = project(context.encoder_hidden, layer.cross.value, layer.cross.value_bias);
    }
    const torch::Tensor heads =
        offer_heads(context, Site::CrossHeadOutput, index, context.cross->attend(index, inputs));
    torch::Tensor out = project(heads, layer.cross.output, layer.cross.output_bias);
    offer(context.probe, Site::CrossAdded, index, out);
    const torch::Tensor sum = add_part(arch, x, out);
    return norms_before(arch) ? sum : normalize(arch, sum, layer.cross_norm, layer.cross_norm_bias);
}

torch::Tensor mlp_part(const Architecture& arch, const Weights& weights, Probe* probe, int index,
                       const torch::Tensor& x) {
    const LayerWeights& layer = weights.layers[static_cast<std::size_t>(index)];
    torch::Tensor out = arch.is_sparse(index) ? feed_experts(arch, layer, x) : feed_forward(arch, layer, x);
    if (norms_output(arch)) out = normalize(arch, out, layer.mlp_output_norm, layer.mlp_output_norm_bias);
    offer(probe, Site::MlpAdded, index, out);
    return out;
}

/// The second half of a block whose parts follow one another, row by row.
torch::Tensor add_mlp(const Architecture& arch, const Weights& weights, Probe* probe, int index,
                      torch::Tensor x) {
    const LayerWeights& layer = weights.layers[static_cast<std::size_t>(index)];
    const torch::Tensor normed =
        norms_before(arch) ? normalize(arch, x, layer.mlp_norm, layer.mlp_norm_bias) : x;
    const torch::Tensor added = mlp_part(arch, weights, probe, index, normed);
    x = add_part(arch, arch.adds_to_normed ? normed : x, added);
    const bool after_sum = arch.norm_place == NormPlace::AfterSum;
    return after_sum ? normalize(arch, x, layer.mlp_norm, layer.mlp_norm_bias) : x;
}

/// Is the feed-forward part the last thing of a block that mixes no rows?
bool ends_with_mlp(const Architecture& arch, int index) {
    return arch.has_mlp && !arch.is_parallel && arch.bottleneck_size == 0 &&
           !(index == 0 && arch.conv_kernel_size > 0);
}

/// A block whose parts follow one another in a narrower copy of x (MobileBERT, Sun et al. 2020).
torch::Tensor run_narrow(const PassContext& context, int index, const torch::Tensor& x) {
    const Architecture& arch = context.arch;
    const LayerWeights& layer = context.weights.layers[static_cast<std::size_t>(index)];
    torch::Tensor narrow = normalize(arch, project(x, layer.narrow, layer.narrow_bias), layer.narrow_norm,
                                     layer.narrow_norm_bias);
    narrow = normalize(arch, narrow + self_attention(context, index, x), layer.attention_norm,
                       layer.attention_norm_bias);
    for (const auto& mlp : layer.earlier_mlps)
        narrow = normalize(arch, narrow + feed_forward(arch, mlp, narrow), mlp.norm, mlp.norm_bias);
    narrow = normalize(arch, narrow + feed_forward(arch, layer, narrow), layer.mlp_norm, layer.mlp_norm_bias);
    torch::Tensor added = project(narrow, layer.widen, layer.widen_bias);
    offer(context.probe, Site::MlpAdded, index, added);
    return normalize(arch, x + added, layer.widen_norm, layer.widen_norm_bias);
}

/// A block; the first half of it where it ends with the feed-forward part and `wants_mlp` is false.
torch::Tensor run_parts(const PassContext& context, int index, torch::Tensor x, bool wants_mlp) {
    const Architecture& arch = context.arch;
    if (arch.bottleneck_size > 0) return run_narrow(context, index, x);
    const LayerWeights& layer = context.weights.layers[static_cast<std::size_t>(index)];
    torch::Tensor normed = attention_input(arch, context.weights, index, x);
    torch::Tensor added = arch.has_attention(index) ? self_attention(context, index, normed)
                                                    : short_convolution(arch, layer, normed);
    if (arch.is_parallel) {
        if (!arch.shares_norm) normed = normalize(arch, x, layer.mlp_norm, layer.mlp_norm_bias);
        const torch::Tensor mlp = mlp_part(arch, context.weights, context.probe, index, normed);
        return add_part(arch, x, add_residual(added, mlp));
    }
    x = add_part(arch, arch.adds_to_normed ? normed : x, added);
    if (arch.norm_place == NormPlace::AfterSum)
        x = normalize(arch, x, layer.attention_norm, layer.attention_norm_bias);
    if (arch.has_cross_attention) x = add_cross_attention(context, index, x);
    return arch.has_mlp && wants_mlp ? add_mlp(arch, context.weights, context.probe, index, x) : x;
}

}  // namespace

PassContext make_context(const Architecture& arch, const Weights& weights, AttentionStep& attention,
                         int num_tokens, TextSlice slice) {
    return {arch,
            weights,
            attention,
            make_rotary_tables(arch, weights, slice.begin, num_tokens, slice.length),
            shared_score_bias(arch, weights, slice.length),
            layer_score_biases(arch, weights, slice.length),
            relative_embeddings(arch, weights, slice.length),
            nullptr,
            {},
            nullptr};
}

bool norms_before(const Architecture& arch) {
    return arch.norm_place == NormPlace::Before || arch.norm_place == NormPlace::Both;
}

bool norms_output(const Architecture& arch) {
    return arch.norm_place == NormPlace::OnOutput || arch.norm_place == NormPlace::Both;
}

torch::Tensor attention_input(const Architecture& arch, const Weights& weights, int index,
                              const torch::Tensor& x) {
    if (!norms_before(arch) || (arch.skips_first_norm && index == 0)) return x;
    const LayerWeights& layer = weights.layers[static_cast<std::size_t>(index)];
    return normalize(arch, x, layer.attention_norm, layer.attention_norm_bias);
}

torch::Tensor run_block(const PassContext& context, int index, torch::Tensor x) {
    const Architecture& arch = context.arch;
    if (index != 0 || arch.conv_kernel_size == 0) return run_parts(context, index, x, true);
    const Weights& weights = context.weights;
    const torch::Tensor beside = convolve(arch, x, weights.convolution, weights.convolution_bias);
    const torch::Tensor sum = add_residual(run_parts(context, index, x, true), beside);
    return normalize(arch, sum, weights.convolution_norm, weights.convolution_norm_bias);
}

torch::Tensor forward_slice(const Architecture& arch, const Weights& weights, const torch::Tensor& ids,
                            TextSlice slice, AttentionStep& attention, Probe* probe) {
    PassContext context = make_context(arch, weights, attention, static_cast<int>(ids.size(1)), slice);
    return forward_from(context, embed_tokens(arch, weights, ids, slice.begin), 0, probe);
}

torch::Tensor forward_to_rows(PassContext& context, torch::Tensor x, int first_layer, Probe* probe) {
    const int num_layers = context.arch.num_layers;
    context.probe = probe;
    for (int layer = first_layer; layer < num_layers; ++layer) {
        if (probe != nullptr && !probe->begin_layer(layer, num_layers)) return {};
        offer(probe, Site::BlockInput, layer, x);
        const bool is_cut = layer + 1 == num_layers && ends_with_mlp(context.arch, layer);
        x = is_cut ? run_parts(context, layer, x, false) : run_block(context, layer, x);
    }
    return x;
}

namespace {

/// The final norm of what left the last block.
torch::Tensor finish_stream(const Architecture& arch, const Weights& weights, torch::Tensor x, Probe* probe) {
    offer(probe, Site::FinalInput, arch.num_layers, x);
    x = finish_hidden(arch, weights, x);
    offer(probe, Site::FinalHidden, arch.num_layers, x);
    return x;
}

}  // namespace

torch::Tensor finish_rows(const Architecture& arch, const Weights& weights, torch::Tensor rows,
                          Probe* probe) {
    const int last = arch.num_layers - 1;
    if (last >= 0 && ends_with_mlp(arch, last)) rows = add_mlp(arch, weights, probe, last, rows);
    return finish_stream(arch, weights, rows, probe);
}

torch::Tensor forward_from(PassContext& context, torch::Tensor x, int first_layer, Probe* probe) {
    // What left the last block is not finished once more.
    if (first_layer >= context.arch.num_layers) return finish_stream(context.arch, context.weights, x, probe);
    const torch::Tensor rows = forward_to_rows(context, x, first_layer, probe);
    return rows.defined() ? finish_rows(context.arch, context.weights, rows, probe) : rows;
}

torch::Tensor finish_hidden(const Architecture& arch, const Weights& weights, const torch::Tensor& x) {
    const torch::Tensor normed =
        arch.has_final_norm ? normalize(arch, x, weights.final_norm, weights.final_norm_bias) : x;
    return arch.has_output_projection ? project(normed, weights.output_projection, {}) : normed;
}

torch::Tensor forward_hidden(const Architecture& arch, const Weights& weights, const torch::Tensor& ids,
                             Probe* probe) {
    TorchAttention attention(arch, probe);
    return forward_slice(arch, weights, ids, {0, static_cast<int>(ids.size(1))}, attention, probe);
}

torch::Tensor output_logits(const Architecture& arch, const Weights& weights, const torch::Tensor& hidden) {
    const HeadTransform& transform = arch.head_transform;
    torch::Tensor x = hidden;
    if (transform.is_present) {
        x = activate(transform.activation, project(x, weights.head_dense, weights.head_dense_bias));
        x = normalize_as(transform.norm, x, weights.head_norm, weights.head_norm_bias, arch.norm_eps);
    }
    const WeightMatrix& table = arch.is_head_tied ? weights.token_embedding : weights.head;
    const std::int64_t rest = arch.head_rest_size, front = x.size(-1) - rest;
    torch::Tensor logits = project(rest > 0 ? x.narrow(-1, 0, front) : x, table, {});
    if (rest > 0) logits = logits + project(x.narrow(-1, front, rest), weights.head_rest, {});
    if (arch.logit_scale != 1.0) logits = logits * arch.logit_scale;
    if (weights.head_bias.defined()) logits = logits + weights.head_bias;
    if (arch.logit_softcap > 0) logits = arch.logit_softcap * torch::tanh(logits / arch.logit_softcap);
    return logits;
}

}  // namespace headlight
