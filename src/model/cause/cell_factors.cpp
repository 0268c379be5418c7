#include "model/cause/cell_factors.h"

#include <algorithm>
#include <functional>

#include "model/cause/stream_parts.h"
#include "model/weights/tensor_copies.h"

namespace headlight {
namespace {

/// Writes what `of_layer` gives, [H, N], into the rows of that layer.
Matrix by_layer(const LoadedModel& model, const Recording& recording,
                const std::function<torch::Tensor(int layer)>& of_layer) {
    const Architecture& arch = model.arch;
    Matrix out(std::int64_t{arch.num_layers} * arch.num_heads, recording.num_tokens());
    for (int layer = 0; layer < arch.num_layers; ++layer) {
        const torch::Tensor values = of_layer(layer).contiguous();
        std::copy_n(values.const_data_ptr<float>(), values.numel(),
                    out.values.begin() + std::int64_t{layer} * arch.num_heads * out.cols);
    }
    return out;
}

void write_row(Matrix& matrix, int row, const torch::Tensor& values) {
    const torch::Tensor plain = values.contiguous();
    std::copy_n(plain.const_data_ptr<float>(), plain.numel(), matrix.row(row).begin());
}

}  // namespace

torch::Tensor head_values(const LoadedModel& model, const Recording& recording, int layer, bool has_bias) {
    const Architecture& arch = model.arch;
    const auto at = static_cast<std::size_t>(layer);
    torch::Tensor values = recording.values[at];
    const torch::Tensor& bias = model.weights.layers[at].value_bias;
    if (!has_bias && bias.defined()) values = values - bias.to(torch::kFloat32);
    values = values.view({-1, arch.num_kv_heads, arch.head_dim}).transpose(0, 1);
    return arch.group_size() > 1 ? values.repeat_interleave(arch.group_size(), 0) : values;
}

Matrix value_lengths(const LoadedModel& model, const Recording& recording, bool has_bias) {
    return by_layer(model, recording,
                    [&](int layer) { return head_values(model, recording, layer, has_bias).norm(2, {-1}); });
}

Matrix moved_lengths(const LoadedModel& model, const Recording& recording, bool has_bias) {
    return by_layer(model, recording, [&](int layer) {
        return torch::bmm(head_values(model, recording, layer, has_bias),
                          output_of_heads(model.arch, model.weights.layers[static_cast<std::size_t>(layer)]))
            .norm(2, {-1});
    });
}

CellFactors written_factors(const LoadedModel& model, const Recording& recording, const FrozenStream& stream,
                            bool has_bias) {
    const Architecture& arch = model.arch;
    CellFactors out;
    if (stream.attention_output(0) != nullptr) {
        out.query = Matrix(arch.num_layers, recording.num_tokens());
        for (int layer = 0; layer < arch.num_layers; ++layer)
            write_row(out.query, layer, stream.attention_output(layer)->inverse);
    }
    out.key = by_layer(model, recording, [&](int layer) {
        torch::Tensor moved =
            torch::bmm(head_values(model, recording, layer, has_bias),
                       output_of_heads(model.arch, model.weights.layers[static_cast<std::size_t>(layer)]));
        if (const FrozenNorm* const norm = stream.attention_output(layer)) moved = norm->scaled(moved);
        return moved.norm(2, {-1}) * arch.residual_scale;
    });
    return out;
}

CellFactors effect_factors(const LoadedModel& model, const Recording& recording, const FrozenStream& stream,
                           const torch::Tensor& directions, bool has_bias) {
    const Architecture& arch = model.arch;
    std::vector<torch::Tensor> by_head(static_cast<std::size_t>(arch.num_layers));  // [H, head_dim, 1]
    CellFactors out;
    out.query = Matrix(arch.num_layers, recording.num_tokens());
    torch::Tensor direction = stream.start(directions);           // [1, D]
    torch::Tensor scale = torch::ones({recording.num_tokens()});  // [N]
    for (auto step = stream.steps().rbegin(); step != stream.steps().rend(); ++step) {
        if (step->kind == StreamStep::Kind::Norm) {
            direction = step->norm.back(direction);
            scale = scale * step->norm.inverse;
        } else if (step->kind == StreamStep::Kind::Attention) {
            const auto at = static_cast<std::size_t>(step->layer);
            const FrozenNorm* const norm = stream.attention_output(step->layer);
            const torch::Tensor before = norm != nullptr ? norm->back(direction) : direction;
            by_head[at] =
                before.mm(model.weights.layers[at].output.widened()).view({arch.num_heads, arch.head_dim, 1});
            write_row(out.query, step->layer,
                      (norm != nullptr ? scale * norm->inverse : scale) * arch.residual_scale);
        }
    }
    out.key = by_layer(model, recording, [&](int layer) {
        return torch::bmm(head_values(model, recording, layer, has_bias),
                          by_head[static_cast<std::size_t>(layer)])
            .squeeze(-1);
    });
    return out;
}

}  // namespace headlight
