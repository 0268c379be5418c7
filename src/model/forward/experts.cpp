#include "model/forward/experts.h"

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

}  // namespace

torch::Tensor feed_experts(const Architecture& arch, const LayerWeights& layer, const torch::Tensor& x) {
    const MoeSettings& moe = arch.moe;
    const torch::Tensor tokens = x.reshape({-1, x.size(-1)});  // [T, D]
    const torch::Tensor shares = torch::softmax(project(tokens, layer.router, layer.router_bias), -1,
                                                torch::kFloat32);     // [T, experts]
    auto [weights, chosen] = shares.topk(moe.experts_per_token, -1);  // [T, k] both
    if (moe.normalizes_weights) weights = weights / weights.sum(-1, /*keepdim=*/true);
    weights = weights.to(tokens.scalar_type());
    torch::Tensor out = torch::zeros_like(tokens);
    for (int i = 0; i < moe.num_experts; ++i) {
        const torch::Tensor share =
            (weights * chosen.eq(i)).sum(1, /*keepdim=*/true);  // [T, 1], 0: another's token
        const torch::Tensor rows = chosen.eq(i).any(1).nonzero().squeeze(1);
        if (rows.size(0) == 0) continue;
        const torch::Tensor weight = share.index_select(0, rows);
        const torch::Tensor added =
            run_expert(arch, layer.experts[static_cast<std::size_t>(i)], tokens.index_select(0, rows));
        out = out.index_add(0, rows, added * weight);
    }
    if (moe.shared_expert_size > 0) {
        const torch::Tensor gate = torch::sigmoid(project(tokens, layer.shared_gate, {}));  // [T, 1]
        out = out + feed_forward(arch, layer.shared_expert, tokens) * gate;
    }
    return out.view_as(x);
}

}  // namespace headlight
