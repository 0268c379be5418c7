#include "model/forward/experts.h"

#include <limits>
#include <map>

#include "model/forward/blocks.h"
#include "model/forward/products.h"

namespace headlight {
namespace {

constexpr double kGateSteepness = 1.702;

/// Both halves clamped, one of them shifted by one: the experts of gpt-oss.
torch::Tensor clamped_expert(const MoeSettings& moe, const MlpWeights& expert, const torch::Tensor& x) {
    const std::vector<torch::Tensor> both =
        project_all(x, {{expert.gate, expert.gate_bias}, {expert.up, expert.up_bias}});
    const torch::Tensor gate = both[0].clamp_max(moe.gate_limit);
    const torch::Tensor up = both[1].clamp(-moe.gate_limit, moe.gate_limit);
    const torch::Tensor inner = (up + 1) * (gate * torch::sigmoid(gate * kGateSteepness));
    return project(inner, expert.down, expert.down_bias);
}

torch::Tensor run_expert(const Architecture& arch, const MlpWeights& expert, const torch::Tensor& x) {
    return arch.moe.gate_limit > 0 ? clamped_expert(arch.moe, expert, x) : feed_forward(arch, expert, x);
}

/// Of each expert that some token chose: its places in `chosen` [T, k], row after row.
std::map<std::int64_t, std::vector<std::int64_t>> tokens_by_expert(const torch::Tensor& chosen) {
    const torch::Tensor ids = chosen.to(torch::kCPU).contiguous();
    std::map<std::int64_t, std::vector<std::int64_t>> places;
    for (std::int64_t i = 0; i < ids.numel(); ++i)
        places[ids.const_data_ptr<std::int64_t>()[i]].push_back(i);
    return places;
}

/// Weights of the experts of each token and their numbers, [T, k] both.
struct ExpertChoice {
    torch::Tensor weights, chosen;
};

/// `worth` [T, experts] with -infinity for those outside the best groups of each token.
torch::Tensor within_best_groups(const MoeSettings& moe, const torch::Tensor& worth) {
    if (moe.groups_per_token >= moe.num_groups) return worth;
    const torch::Tensor grouped = worth.unflatten(-1, {moe.num_groups, -1});  // [T, groups, experts of one]
    const torch::Tensor of_group =
        moe.group_worth == GroupWorth::Largest ? grouped.amax(-1) : std::get<0>(grouped.topk(2, -1)).sum(-1);
    const torch::Tensor best = std::get<1>(of_group.topk(moe.groups_per_token, -1));
    const torch::Tensor is_out = torch::ones_like(of_group).scatter(-1, best, 0).to(torch::kBool);
    return grouped.masked_fill(is_out.unsqueeze(-1), -std::numeric_limits<float>::infinity()).flatten(-2);
}

/// Two experts one after the other, each by a softmax over the scores that are near the best of those left
/// (Liu et al. 2024, as it chooses after training).
ExpertChoice mix_sparsely(const MoeSettings& moe, const torch::Tensor& scores) {
    constexpr double kNone = -std::numeric_limits<double>::infinity();
    std::vector<torch::Tensor> weights, chosen;
    torch::Tensor left = scores;
    for (int i = 0; i < moe.experts_per_token; ++i) {
        const auto [best, expert] = left.max(-1, /*keepdim=*/true);
        const torch::Tensor size = torch::maximum(scores.abs(), best);
        const torch::Tensor is_far = ((best - scores) / size).gt(moe.mixer_reach);
        weights.push_back(torch::softmax(left.masked_fill(is_far, kNone), -1).gather(-1, expert));
        chosen.push_back(expert);
        left = left.scatter(-1, expert, kNone);
    }
    return {torch::cat(weights, -1), torch::cat(chosen, -1)};
}

/// Of router scores [T, experts] in float32.
ExpertChoice choose_experts(const MoeSettings& moe, const torch::Tensor& scores,
                            const torch::Tensor& choice_bias) {
    if (moe.router == RouterKind::SparseMixer) return mix_sparsely(moe, scores);
    const torch::Tensor shares =
        moe.router == RouterKind::Softmax ? torch::softmax(scores, -1) : torch::sigmoid(scores);
    const torch::Tensor worth = choice_bias.defined() ? shares + choice_bias : shares;
    const torch::Tensor chosen = std::get<1>(within_best_groups(moe, worth).topk(moe.experts_per_token, -1));
    torch::Tensor weights = shares.gather(-1, chosen);
    if (moe.normalizes_weights) {
        const torch::Tensor sum = weights.sum(-1, /*keepdim=*/true);
        weights = weights / (moe.least_weight_sum > 0 ? sum.clamp_min(moe.least_weight_sum) : sum);
    }
    return {moe.weight_scale == 1.0 ? weights : weights * moe.weight_scale, chosen};
}

}  // namespace

torch::Tensor feed_experts(const Architecture& arch, const LayerWeights& layer, const torch::Tensor& x) {
    const MoeSettings& moe = arch.moe;
    const torch::Tensor tokens = x.reshape({-1, x.size(-1)});  // [T, D]
    const ExpertChoice choice = choose_experts(
        moe, project(tokens, layer.router, layer.router_bias).to(torch::kFloat32), layer.choice_bias);
    torch::Tensor out = torch::zeros_like(tokens);
    const torch::Tensor flat_weights = choice.weights.to(tokens.scalar_type()).reshape({-1, 1});  // [T k, 1]
    for (const auto& [expert, places] : tokens_by_expert(choice.chosen)) {
        const torch::Tensor at = torch::tensor(places, torch::kInt64).to(tokens.device());
        const torch::Tensor rows = at.floor_divide(moe.experts_per_token);
        const torch::Tensor read = tokens.index_select(0, rows), weight = flat_weights.index_select(0, at);
        const MlpWeights& mlp = layer.experts[static_cast<std::size_t>(expert)];
        const torch::Tensor added =
            moe.scales_input ? run_expert(arch, mlp, read * weight) : run_expert(arch, mlp, read) * weight;
        out = out.index_add(0, rows, added);
    }
    if (moe.shared_expert_size > 0) {
        const torch::Tensor shared = feed_forward(arch, layer.shared_expert, tokens);
        out = out + (moe.has_shared_gate ? shared * torch::sigmoid(project(tokens, layer.shared_gate, {}))
                                         : shared);
    }
    return out.view_as(x);
}

}  // namespace headlight
