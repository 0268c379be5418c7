#include "model/cause/frozen_stream.h"

#include "model/forward/blocks.h"
#include "model/forward/forward.h"

namespace headlight {

torch::Tensor FrozenNorm::scaled(const torch::Tensor& x) const {
    const torch::Tensor centred = is_centring ? x - x.mean(-1, /*keepdim=*/true) : x;
    return gain.defined() ? centred * gain : centred;
}

torch::Tensor FrozenNorm::back(const torch::Tensor& direction) const {
    const torch::Tensor scaled = gain.defined() ? direction * gain : direction;
    return is_centring ? scaled - scaled.mean(-1, /*keepdim=*/true) : scaled;
}

FrozenNorm norm_of(const Architecture& arch, const torch::Tensor& gain) {
    return {gain.defined() ? gain.to(torch::kFloat32) : gain, {}, arch.norm == NormKind::LayerNorm, {}};
}

FrozenNorm FrozenStream::freeze(const torch::Tensor& x, const torch::Tensor& gain,
                                const torch::Tensor& bias) const {
    const Architecture& arch = model_.arch;
    FrozenNorm norm = norm_of(arch, gain);
    if (bias.defined()) norm.bias = bias.to(torch::kFloat32);
    // In double: where one token's state is thousands of times larger, its square would lose the others.
    torch::Tensor wide = x.to(torch::kFloat64);
    if (norm.is_centring) wide = wide - wide.mean(-1, /*keepdim=*/true);
    norm.inverse = torch::rsqrt(wide.square().mean(-1) + arch.norm_eps).to(torch::kFloat32);
    return norm;
}

void FrozenStream::add_norm(int layer, int part, const torch::Tensor& x, const torch::Tensor& gain,
                            const torch::Tensor& bias) {
    if (model_.arch.norm == NormKind::None) return;
    const bool is_final = layer == model_.arch.num_layers;
    StreamStep step;
    step.layer = layer;
    step.norm_bias = is_final ? Component{Component::Kind::FinalNormBias}
                              : Component{Component::Kind::NormBias, layer, -1, part};
    step.norm = freeze(x, gain, bias);
    steps_.push_back(std::move(step));
    all_norms_frozen_ = all_norms_frozen_ || !is_final;
}

void FrozenStream::add_layer(const Recording& recording, int index) {
    const Architecture& arch = model_.arch;
    const auto at = static_cast<std::size_t>(index);
    const LayerWeights& layer = model_.weights.layers[at];
    const double factor = arch.residual_scale;
    const bool after_sum = arch.norm_place == NormPlace::AfterSum;
    torch::Tensor x = recording.entering[at];
    const auto add = [&](StreamStep::Kind kind, const std::vector<torch::Tensor>& added) {
        steps_.push_back({kind, index, {}, {}});
        x = x + added[at] * factor;
    };
    const auto norm = [&](int part, const torch::Tensor& gain, const torch::Tensor& bias) {
        add_norm(index, part, x, gain, bias);
        x = normalize(arch, x, gain, bias);
    };
    const bool from_normed = arch.adds_to_normed && !arch.is_parallel;
    if (from_normed && !(arch.skips_first_norm && index == 0))
        norm(0, layer.attention_norm, layer.attention_norm_bias);
    add(StreamStep::Kind::Attention, recording.attention);
    if (after_sum) norm(0, layer.attention_norm, layer.attention_norm_bias);
    if (arch.has_cross_attention) {
        add(StreamStep::Kind::Cross, recording.cross);
        if (!norms_before(arch)) norm(2, layer.cross_norm, layer.cross_norm_bias);
    }
    if (!arch.has_mlp) return;
    if (from_normed) norm(1, layer.mlp_norm, layer.mlp_norm_bias);
    add(StreamStep::Kind::Mlp, recording.mlp);
    if (after_sum) norm(1, layer.mlp_norm, layer.mlp_norm_bias);
}

FrozenStream::FrozenStream(const LoadedModel& model, const Recording& recording) : model_(model) {
    const Architecture& arch = model.arch;
    attention_output_.resize(static_cast<std::size_t>(arch.num_layers));
    for (int layer = 0; layer < arch.num_layers; ++layer) {
        const auto at = static_cast<std::size_t>(layer);
        const LayerWeights& weights = model.weights.layers[at];
        if (norms_output(arch) && arch.norm != NormKind::None) {
            const torch::Tensor raw = project(recording.heads[at], weights.output, weights.output_bias);
            attention_output_[at] =
                freeze(raw, weights.attention_output_norm, weights.attention_output_norm_bias);
        }
        add_layer(recording, layer);
    }
    if (arch.has_final_norm)
        add_norm(arch.num_layers, 0, recording.entering.back(), model.weights.final_norm,
                 model.weights.final_norm_bias);
}

const FrozenNorm* FrozenStream::attention_output(int layer) const {
    const auto& norm = attention_output_[static_cast<std::size_t>(layer)];
    return norm ? &*norm : nullptr;
}

torch::Tensor FrozenStream::start(const torch::Tensor& table_rows) const {
    torch::Tensor directions = table_rows.to(torch::kFloat32);
    if (model_.arch.logit_scale != 1.0) directions = directions * model_.arch.logit_scale;
    return model_.arch.has_output_projection ? directions.mm(model_.weights.output_projection.widened())
                                             : directions;
}

torch::Tensor FrozenStream::pass(const StreamStep& step, const torch::Tensor& vectors, int row) {
    return step.kind == StreamStep::Kind::Norm ? step.norm.scaled(vectors) * step.norm.inverse[row] : vectors;
}

torch::Tensor FrozenStream::project_out(const torch::Tensor& vectors) const {
    const Architecture& arch = model_.arch;
    torch::Tensor x =
        arch.has_output_projection ? project(vectors, model_.weights.output_projection, {}) : vectors;
    x = project(x, output_table(model_), {});
    return arch.logit_scale == 1.0 ? x : x * arch.logit_scale;
}

torch::Tensor FrozenStream::to_logits(torch::Tensor vectors, int layer, int row) const {
    bool is_past = layer < 0;
    for (const StreamStep& step : steps_) {
        if (is_past) vectors = pass(step, vectors, row);
        is_past = is_past || (step.kind == StreamStep::Kind::Attention && step.layer == layer);
    }
    return project_out(vectors);
}

std::string why_no_attribution(const LoadedModel& model) {
    const Architecture& arch = model.arch;
    const std::string name = model.family != nullptr ? std::string(model.spec.family_label) : model.spec.name;
    if (arch.decoder != nullptr)
        return "what an encoder-decoder answers is asked of its decoder: name the decoder's text";
    if (!arch.has_head)
        return "the checkpoint has no head over the vocabulary, so no logit can be taken apart";
    if (arch.head_transform.is_present)
        return name +
               "'s head is not linear (dense, activation, norm), so no part of the model adds a share "
               "to a logit; the lens and patching are defined";
    if (arch.bottleneck_size > 0) return "heads write into a narrower copy of the residual stream";
    if (arch.has_convolution()) return "a convolution stands beside the first block or beside attention";
    return {};
}

const WeightMatrix& output_table(const LoadedModel& model) {
    return model.arch.is_head_tied ? model.weights.token_embedding : model.weights.head;
}

}  // namespace headlight
