#include "model/cause/stream_parts.h"

#include <algorithm>

#include "model/forward/blocks.h"
#include "model/forward/forward.h"
#include "model/weights/tensor_copies.h"

namespace headlight {

std::vector<Component> stream_components(const Architecture& arch, const FrozenStream& stream) {
    using Kind = Component::Kind;
    std::vector<Component> out{{Kind::Embedding}, {Kind::Position}};
    for (int layer = 0; layer < arch.num_layers; ++layer) {
        for (int head = 0; head < arch.num_heads; ++head)
            out.push_back({Kind::Head, layer, head});
        for (int head = 0; arch.has_cross_attention && head < arch.num_heads; ++head)
            out.push_back({Kind::CrossHead, layer, head});
        out.push_back({Kind::AttentionBias, layer});
        out.push_back({Kind::Mlp, layer});
        for (const StreamStep& step : stream.steps())
            if (step.kind == StreamStep::Kind::Norm && step.norm_bias.kind == Kind::NormBias &&
                step.layer == layer)
                out.push_back(step.norm_bias);
    }
    out.push_back({Kind::FinalNormBias});
    out.push_back({Kind::UnembedBias});
    return out;
}

EmbeddingParts embedding_parts(const LoadedModel& model, const Recording& recording) {
    const Architecture& arch = model.arch;
    EmbeddingParts parts{recording.entering.front(), {}};
    if (arch.has_embedding_norm) return parts;
    const torch::Tensor ids = to_indices(recording.ids).unsqueeze(0);
    torch::Tensor rows = position_rows(arch, model.weights, ids, 0);
    if (!rows.defined()) return parts;
    if (model.weights.embedding_projection.defined() && arch.projects_after_norm)
        rows = project(rows, model.weights.embedding_projection, {});
    parts.positions = rows.view({recording.num_tokens(), -1});
    parts.tokens = parts.tokens - parts.positions;
    return parts;
}

torch::Tensor output_of_heads(const Architecture& arch, const AttentionWeights& weights) {
    return weights.output.widened().view({-1, arch.num_heads, arch.head_dim}).permute({1, 2, 0});
}

namespace {

/// Outputs of heads [H, head_dim] through W_O, [H, D].
torch::Tensor through_output(const Architecture& arch, const AttentionWeights& weights,
                             const torch::Tensor& heads) {
    return torch::bmm(heads.unsqueeze(1), output_of_heads(arch, weights)).squeeze(1);
}

}  // namespace

torch::Tensor written_by_heads(const LoadedModel& model, const FrozenStream& stream, int layer, int row,
                               const torch::Tensor& heads) {
    torch::Tensor written =
        through_output(model.arch, model.weights.layers[static_cast<std::size_t>(layer)], heads);
    if (const FrozenNorm* const norm = stream.attention_output(layer))
        written = norm->scaled(written) * norm->inverse[row];
    return written * model.arch.residual_scale;
}

namespace {

/// What attention's output bias, and the bias of the norm on it, add at `row`, [1, D]; undefined: nothing.
torch::Tensor attention_bias(const LoadedModel& model, const FrozenStream& stream, int layer, int row) {
    const torch::Tensor& bias = model.weights.layers[static_cast<std::size_t>(layer)].output_bias;
    const FrozenNorm* const norm = stream.attention_output(layer);
    torch::Tensor out;
    if (bias.defined()) {
        out = bias.to(torch::kFloat32);
        if (norm != nullptr) out = norm->scaled(out) * norm->inverse[row];
    }
    if (norm != nullptr && norm->bias.defined()) out = out.defined() ? out + norm->bias : norm->bias;
    return out.defined() ? (out * model.arch.residual_scale).unsqueeze(0) : out;
}

}  // namespace

torch::Tensor part_vectors(const LoadedModel& model, const Recording& recording, const FrozenStream& stream,
                           int row, const std::vector<Component>& components) {
    const Architecture& arch = model.arch;
    torch::Tensor vectors =
        torch::zeros({static_cast<std::int64_t>(components.size()), std::int64_t{arch.hidden_size}});
    const auto put = [&](const Component& component, const torch::Tensor& rows) {
        const auto at = std::find(components.begin(), components.end(), component) - components.begin();
        vectors.narrow(0, at, rows.size(0)).add_(rows);
    };
    const EmbeddingParts parts = embedding_parts(model, recording);
    put({Component::Kind::Embedding}, parts.tokens[row].unsqueeze(0));
    if (parts.positions.defined()) put({Component::Kind::Position}, parts.positions[row].unsqueeze(0));
    for (const StreamStep& step : stream.steps()) {
        const auto at = static_cast<std::size_t>(step.layer);
        if (step.kind == StreamStep::Kind::Norm) {
            vectors = FrozenStream::pass(step, vectors, row);
            if (step.norm.bias.defined()) put(step.norm_bias, step.norm.bias.unsqueeze(0));
        } else if (step.kind == StreamStep::Kind::Mlp) {
            put({Component::Kind::Mlp, step.layer},
                recording.mlp[at][row].unsqueeze(0) * arch.residual_scale);
        } else if (step.kind == StreamStep::Kind::Cross) {
            const AttentionWeights& weights = model.weights.layers[at].cross;
            const torch::Tensor heads = recording.cross_heads[at][row].view({arch.num_heads, arch.head_dim});
            put({Component::Kind::CrossHead, step.layer, 0},
                through_output(arch, weights, heads) * arch.residual_scale);
            if (weights.output_bias.defined())
                put({Component::Kind::AttentionBias, step.layer},
                    weights.output_bias.to(torch::kFloat32).unsqueeze(0) * arch.residual_scale);
        } else {
            const torch::Tensor heads = recording.heads[at][row].view({arch.num_heads, arch.head_dim});
            put({Component::Kind::Head, step.layer, 0},
                written_by_heads(model, stream, step.layer, row, heads));
            const torch::Tensor bias = attention_bias(model, stream, step.layer, row);
            if (bias.defined()) put({Component::Kind::AttentionBias, step.layer}, bias);
        }
    }
    return vectors;
}

}  // namespace headlight
