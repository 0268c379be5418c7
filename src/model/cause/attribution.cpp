#include "model/cause/attribution.h"

#include <algorithm>
#include <cmath>

#include "model/cause/stream_parts.h"
#include "model/weights/tensor_copies.h"

namespace headlight {
namespace {

/// Collects what each component adds to K logits at N rows.
class Contributions {
  public:
    Contributions(std::vector<Component> components, std::int64_t num_logits, std::int64_t num_tokens)
        : components_(std::move(components)),
          values_(torch::zeros({num_logits, static_cast<std::int64_t>(components_.size()), num_tokens})) {}

    /// `added` [K, N], or [K, 1] for all rows alike.
    void add(const Component& component, const torch::Tensor& added) {
        const auto at = std::find(components_.begin(), components_.end(), component) - components_.begin();
        values_.select(1, at).add_(added);
    }
    /// [K, H, N] of all heads of a layer.
    void add_heads(Component::Kind kind, int layer, const torch::Tensor& added) {
        const Component first{kind, layer, 0};
        const auto at = std::find(components_.begin(), components_.end(), first) - components_.begin();
        values_.narrow(1, at, added.size(1)).add_(added);
    }
    const torch::Tensor& values() const { return values_; }  // [K, C, N]
    std::vector<Component> take_components() { return std::move(components_); }

  private:
    std::vector<Component> components_;
    torch::Tensor values_;
};

/// One attention of a layer: the outputs of its heads, its weights, and the norm on what it adds.
struct AttentionPart {
    Component::Kind kind = Component::Kind::Head;
    torch::Tensor heads;  // [N, H * head_dim]
    const AttentionWeights* weights = nullptr;
    const FrozenNorm* norm = nullptr;  // null: none
};

/// What an attention part adds: heads by their outputs, and what does not depend on them.
void add_attention(const Architecture& arch, const AttentionPart& part, int layer,
                   const torch::Tensor& directions, const torch::Tensor& scale, Contributions& out) {
    const FrozenNorm* const norm = part.norm;
    const torch::Tensor before = norm != nullptr ? norm->back(directions) : directions;
    const torch::Tensor factor =
        (norm != nullptr ? scale * norm->inverse : scale) * arch.residual_scale;  // [N]
    const torch::Tensor by_head = before.mm(part.weights->output.widened())
                                      .view({-1, 1, arch.num_heads, arch.head_dim});  // [K, 1, H, head_dim]
    const torch::Tensor heads = part.heads.view({1, -1, arch.num_heads, arch.head_dim});
    const torch::Tensor added = (heads * by_head).sum(-1).transpose(1, 2);  // [K, H, N]
    out.add_heads(part.kind, layer, added * factor);
    const Component bias{Component::Kind::AttentionBias, layer};
    if (part.weights->output_bias.defined())
        out.add(bias, before.mv(part.weights->output_bias.to(torch::kFloat32)).unsqueeze(1) * factor);
    if (norm != nullptr && norm->bias.defined())
        out.add(bias, directions.mv(norm->bias).unsqueeze(1) * scale * arch.residual_scale);
}

Contributions contributions(const LoadedModel& model, const Recording& recording, const FrozenStream& stream,
                            const AnswerDirections& target) {
    Contributions out(stream_components(model.arch, stream), target.rows.size(0), recording.num_tokens());
    torch::Tensor directions = stream.start(target.rows);         // [K, D]
    torch::Tensor scale = torch::ones({recording.num_tokens()});  // [N]
    const auto of_states = [&](const torch::Tensor& states) { return directions.mm(states.t()) * scale; };
    for (auto step = stream.steps().rbegin(); step != stream.steps().rend(); ++step) {
        if (step->kind == StreamStep::Kind::Mlp) {
            out.add(
                {Component::Kind::Mlp, step->layer},
                of_states(recording.mlp[static_cast<std::size_t>(step->layer)]) * model.arch.residual_scale);
        } else if (step->kind != StreamStep::Kind::Norm) {
            const auto at = static_cast<std::size_t>(step->layer);
            const LayerWeights& weights = model.weights.layers[at];
            const bool is_cross = step->kind == StreamStep::Kind::Cross;
            const AttentionPart part = is_cross
                                           ? AttentionPart{Component::Kind::CrossHead,
                                                           recording.cross_heads[at], &weights.cross, nullptr}
                                           : AttentionPart{Component::Kind::Head, recording.heads[at],
                                                           &weights, stream.attention_output(step->layer)};
            add_attention(model.arch, part, step->layer, directions, scale, out);
        } else {
            if (step->norm.bias.defined())
                out.add(step->norm_bias, directions.mv(step->norm.bias).unsqueeze(1) * scale);
            directions = step->norm.back(directions);
            scale = scale * step->norm.inverse;
        }
    }
    const EmbeddingParts parts = embedding_parts(model, recording);
    out.add({Component::Kind::Embedding}, of_states(parts.tokens));
    if (parts.positions.defined()) out.add({Component::Kind::Position}, of_states(parts.positions));
    out.add({Component::Kind::UnembedBias}, torch::tensor(target.biases).unsqueeze(1));
    return out;
}

}  // namespace

AnswerDirections directions_of(const LoadedModel& model, const Question& question,
                               const torch::Tensor& mean_row) {
    const WeightMatrix& table = output_table(model);
    const torch::Tensor& bias = model.weights.head_bias;
    const auto row = [&](std::int32_t id) { return table.rows(id, 1)[0]; };
    const auto bias_of = [&](std::int32_t id) { return bias.defined() ? bias[id].item<float>() : 0.0F; };
    AnswerDirections out;
    std::vector<torch::Tensor> rows{row(question.answer), mean_row};
    out.biases = {bias_of(question.answer),
                  bias.defined() ? bias.to(torch::kFloat64).mean().item<float>() : 0.0F};
    if (question.rival) {
        rows.push_back(row(*question.rival));
        out.biases.push_back(bias_of(*question.rival));
        out.has_rival = true;
    }
    out.rows = torch::stack(rows);
    return out;
}

Attribution attribute_answer(const LoadedModel& model, const Recording& recording, const FrozenStream& stream,
                             const Question& question, const torch::Tensor& mean_row) {
    const AnswerDirections target = directions_of(model, question, mean_row);
    Contributions parts = contributions(model, recording, stream, target);
    // The logits of the pass itself, [K, N].
    const torch::Tensor logits =
        target.rows.mm(recording.hidden.to(torch::kFloat32).t()) * model.arch.logit_scale +
        torch::tensor(target.biases).unsqueeze(1);
    const torch::Tensor sums = parts.values().to(torch::kFloat64).sum(1);
    const torch::Tensor error = (sums - logits).abs() / logits.abs().clamp_min(1.0).to(torch::kFloat64);
    Attribution out;
    out.components = parts.take_components();
    out.answer = to_matrix(parts.values()[0]);
    out.vocab_mean = to_matrix(parts.values()[1]);
    out.answer_logit = to_vector(logits[0]);
    out.mean_logit = to_vector(logits[1]);
    if (target.has_rival) {
        out.rival = to_matrix(parts.values()[2]);
        out.rival_logit = to_vector(logits[2]);
    }
    out.largest_error = error.max().item<double>();
    out.all_norms_frozen = stream.all_norms_frozen();
    if (model.arch.logit_softcap > 0) {
        const double cap = model.arch.logit_softcap;
        const double part = std::tanh(out.answer_logit[static_cast<std::size_t>(question.position)] / cap);
        out.cap_slope = 1 - part * part;
    }
    return out;
}

std::vector<int> answer_ranks(const LoadedModel& model, const Recording& recording,
                              const FrozenStream& stream, const Question& question,
                              const std::vector<Component>& components) {
    constexpr std::int64_t kBlock = 64;  // components whose logits are held at a time
    const torch::Tensor vectors = part_vectors(model, recording, stream, question.position, components);
    std::vector<int> ranks;
    for (std::int64_t begin = 0; begin < vectors.size(0); begin += kBlock) {
        const std::int64_t end = std::min(vectors.size(0), begin + kBlock);
        const torch::Tensor logits = stream.project_out(vectors.slice(0, begin, end));
        const torch::Tensor own = logits.select(1, question.answer).unsqueeze(1);
        const torch::Tensor larger = logits.gt(own).sum(1).to(torch::kInt32).contiguous();
        ranks.insert(ranks.end(), larger.const_data_ptr<int>(), larger.const_data_ptr<int>() + (end - begin));
    }
    // The output bias is a vector over the vocabulary already.
    const torch::Tensor& bias = model.weights.head_bias;
    ranks.back() = bias.defined() ? bias.gt(bias[question.answer]).sum().item<int>() : 0;
    return ranks;
}

}  // namespace headlight
