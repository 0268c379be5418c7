#include "model/forward/experts.h"

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
    const torch::Tensor flat_weights = weights.reshape({-1, 1});  // [T k, 1]
    for (const auto& [expert, places] : tokens_by_expert(chosen)) {
        const torch::Tensor at = torch::tensor(places, torch::kInt64).to(tokens.device());
        const torch::Tensor rows = at.floor_divide(moe.experts_per_token);
        const torch::Tensor added =
            run_expert(arch, layer.experts[static_cast<std::size_t>(expert)], tokens.index_select(0, rows));
        out = out.index_add(0, rows, added * flat_weights.index_select(0, at));
    }
    if (moe.shared_expert_size > 0) {
        const torch::Tensor gate = torch::sigmoid(project(tokens, layer.shared_gate, {}));  // [T, 1]
        out = out + feed_forward(arch, layer.shared_expert, tokens) * gate;
    }
    return out.view_as(x);
}

}  // namespace headlight
