#include "model/forward/changed_attention.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>

namespace headlight {
namespace {

std::size_t size_of(int num_tokens) {
    return static_cast<std::size_t>(num_tokens) * static_cast<std::size_t>(num_tokens);
}

/// [N, N] over the rows, which must outlive it and are only read.
torch::Tensor pattern_tensor(const std::vector<float>& rows, int num_tokens) {
    return torch::from_blob(const_cast<float*>(rows.data()), {num_tokens, num_tokens}, torch::kFloat32);
}

}  // namespace

ChangedAttention::ChangedAttention(const Architecture& arch, const Weights& weights, KernelAttention& kernel,
                                   std::span<const Intervention> interventions)
    : arch_(arch), weights_(weights), kernel_(kernel) {
    for (const Intervention& intervention : interventions) {
        for (std::size_t i = 0; i < intervention.heads.size(); ++i) {
            changes_[intervention.heads[i]].push_back({&intervention, i});
        }
    }
}

DenseRows ChangedAttention::constant_rows(int layer, const Intervention& intervention) {
    const int reach = intervention.mode == InterventionMode::LocalWindow ? intervention.window : 0;
    DenseRows& kept = constants_[{intervention.mode, reach, arch_.window_of(layer)}];
    if (kept) return kept;
    const KernelMask mask{num_tokens_, arch_.is_causal, arch_.window_of(layer)};
    auto rows = std::make_shared<std::vector<float>>(size_of(num_tokens_));
    for (int query = 0; query < num_tokens_; ++query) {
        const std::span<float> row(rows->data() + std::int64_t{query} * num_tokens_,
                                   static_cast<std::size_t>(num_tokens_));
        write_replacement_row(intervention.mode, query, mask.range(query), reach, row);
    }
    return kept = std::move(rows);
}

DenseRows ChangedAttention::given_rows(int layer, const Matrix& pattern) {
    DenseRows& kept = given_[{&pattern, arch_.window_of(layer)}];
    if (kept) return kept;
    const KernelMask mask{num_tokens_, arch_.is_causal, arch_.window_of(layer)};
    auto rows = std::make_shared<std::vector<float>>(size_of(num_tokens_));
    for (int query = 0; query < num_tokens_; ++query) {
        const KeyRange keys = mask.range(query);
        const std::span<const float> from = pattern.row(query);
        double sum = 0;
        for (int key = keys.begin; key < keys.end; ++key)
            sum += from[static_cast<std::size_t>(key)];
        float* to = rows->data() + std::int64_t{query} * num_tokens_;
        for (int key = keys.begin; key < keys.end; ++key) {
            to[key] = static_cast<float>(from[static_cast<std::size_t>(key)] / sum);
        }
    }
    return kept = std::move(rows);
}

DenseRows ChangedAttention::cut_rows(HeadId head, const Intervention& intervention) {
    auto rows = std::make_shared<std::vector<float>>(size_of(num_tokens_));
    const auto before = replaced_.find(head);
    if (before != replaced_.end()) {
        *rows = *before->second;
    } else {
        kernel_.write_rows(head.layer, head.head, *rows);
    }
    const KernelMask mask{num_tokens_, arch_.is_causal, arch_.window_of(head.layer)};
    std::vector<Edge> edges = intervention.edges;
    std::sort(edges.begin(), edges.end());
    for (auto first = edges.begin(); first != edges.end();) {
        const int query = first->query;
        const auto last =
            std::find_if(first, edges.end(), [&](const Edge& edge) { return edge.query != query; });
        const std::span<float> row(rows->data() + std::int64_t{query} * num_tokens_,
                                   static_cast<std::size_t>(num_tokens_));
        knock_out_row(query, mask.range(query), {first, last}, row);
        first = last;
    }
    return rows;
}

DenseRows ChangedAttention::rows_of(HeadId head, const Change& change) {
    const Intervention& intervention = *change.intervention;
    switch (intervention.mode) {
        case InterventionMode::Uniform:
        case InterventionMode::LocalWindow:
        case InterventionMode::PreviousToken:
        case InterventionMode::FirstToken:
        case InterventionMode::Identity:
            return constant_rows(head.layer, intervention);
        case InterventionMode::Pattern:
            return given_rows(head.layer,
                              intervention.patterns[intervention.patterns.size() == 1 ? 0 : change.index]);
        case InterventionMode::KnockOut:
            return cut_rows(head, intervention);
        case InterventionMode::ZeroOutput:
        case InterventionMode::MeanOutput:
        case InterventionMode::Scale:
            return nullptr;
    }
    return nullptr;
}

void ChangedAttention::apply(HeadId head, const std::vector<Change>& changes, const torch::Tensor& values,
                             torch::Tensor out) {
    for (const Change& change : changes) {
        const Intervention& intervention = *change.intervention;
        if (DenseRows rows = rows_of(head, change)) {
            out.copy_(pattern_tensor(*rows, num_tokens_).mm(values));
            replaced_[head] = std::move(rows);
        } else if (intervention.mode == InterventionMode::ZeroOutput) {
            // Rows sum to 1, so the value bias reaches every query whatever the pattern: it stays, and
            // folding it into the output bias would change nothing. With a sink they do not, and it goes too.
            const torch::Tensor& bias = weights_.layers[static_cast<std::size_t>(head.layer)].value_bias;
            const std::int64_t first = std::int64_t{head.head / arch_.group_size()} * arch_.head_dim;
            if (bias.defined() && !arch_.has_sinks) {
                out.copy_(bias.narrow(0, first, arch_.head_dim).expand_as(out));
            } else {
                out.zero_();
            }
        } else if (intervention.mode == InterventionMode::MeanOutput) {
            out.copy_(torch::tensor(intervention.outputs[change.index]).expand_as(out));
        } else {
            out.mul_(intervention.factor);
        }
    }
}

torch::Tensor ChangedAttention::attend(int layer, const AttentionInputs& inputs) {
    torch::Tensor out = kernel_.attend(layer, inputs);  // [1, N, H * head_dim]
    num_tokens_ = static_cast<int>(inputs.query.size(1));
    const torch::Tensor values = inputs.value[0];  // [N, Hkv * head_dim]
    const std::int64_t width = arch_.head_dim;
    for (auto it = changes_.lower_bound({layer, 0}); it != changes_.end() && it->first.layer == layer; ++it) {
        const int head = it->first.head;
        apply(it->first, it->second, values.narrow(1, head / arch_.group_size() * width, width),
              out[0].narrow(1, head * width, width));
    }
    return out;
}

}  // namespace headlight
