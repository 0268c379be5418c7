// One layer's attention with SmolLM2-135M's shape (9 heads, 3 key heads, head_dim 64): the capture kernel
// with all row statistics, beside LibTorch's calls in the same run. Prints processor time of one thread and
// ratios; nothing is asserted.
#include <c10/core/InferenceMode.h>
#include <torch/types.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>

#include "model/forward/attention_shape_of.h"
#include "model/forward/kernel_attention.h"
#include "model/forward/torch_attention.h"
#include "model/forward/worker_threads.h"

using namespace headlight;

namespace {

constexpr int kRepeats = 5;

double processor_ms() {
    timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

/// Least of a few runs: what others do on the machine only ever adds.
double least_ms(const std::function<void()>& work) {
    double best = 1e300;
    for (int i = 0; i < kRepeats; ++i) {
        const double begin = processor_ms();
        work();
        best = std::min(best, processor_ms() - begin);
    }
    return best;
}

/// Asks for every pattern, so that the scores and the softmax are LibTorch's plain calls.
class WantsPatterns final : public Probe {
  public:
    bool wants(Site site, int) const override { return site == Site::AttentionPattern; }
};

void measure(const Architecture& arch, int num_tokens) {
    const torch::Tensor query = torch::randn({1, num_tokens, arch.query_size()});
    const torch::Tensor key = torch::randn({1, num_tokens, arch.kv_size()});
    const torch::Tensor value = torch::randn({1, num_tokens, arch.kv_size()});
    const RotaryTable table = make_rotary_table(arch.rope, 0, num_tokens, num_tokens);
    const AttentionInputs inputs{query, key, value, table, {}, {}};
    KvCache cache(attention_shape_of(arch));
    cache.reserve(num_tokens, 0);
    const auto pool = std::make_shared<BlockPool>();
    const auto kernel_ms = [&](bool keeps_weights) {
        const auto layout = std::make_shared<const RowLayout>(RowLayout{1, 9, 3, 64, keeps_weights, {}});
        std::vector<std::unique_ptr<RowBlock>> rows;
        CapturePlan plan{0, num_tokens, 1, {}, {}};
        for (int i = 0; i < num_tokens; ++i) {
            rows.push_back(std::make_unique<RowBlock>(pool, layout, i + 1));
            plan.rows.push_back(rows.back().get());
        }
        KernelAttention kernel(arch, cache, std::move(plan));
        return least_ms([&] { kernel.attend(0, inputs); });
    };
    WantsPatterns probe;
    TorchAttention plain(arch, &probe), fused(arch, nullptr);
    const double weights = kernel_ms(true), query_key = kernel_ms(false);
    const double calls = least_ms([&] { plain.attend(0, inputs); });
    const double sdpa = least_ms([&] { fused.attend(0, inputs); });
    const double flops = 4.0 * 64 * 9 * num_tokens * (num_tokens + 1.0) / 2;
    std::printf("%6d %10.2f %10.2f %10.2f %10.2f %9.2f %9.2f %10.1f\n", num_tokens, weights, query_key, calls,
                sdpa, weights / calls, weights / sdpa, flops / query_key * 1e-6);
}

}  // namespace

int main() {
    const c10::InferenceMode inference;
    use_threads(1, 1);
    Architecture arch;
    arch.num_layers = 1;
    arch.num_heads = 9;
    arch.num_kv_heads = 3;
    arch.head_dim = arch.rope.rotary_dim = 64;
    arch.attention_scale = {0.125f};
    std::printf("%s, one thread, one layer, ms of processor time\n", kernel_isa().name);
    std::printf("%6s %10s %10s %10s %10s %9s %9s %10s\n", "tokens", "weights", "q and k", "calls", "sdpa",
                "/calls", "/sdpa", "GFLOP/s");
    for (const int num_tokens : {16, 64, 256, 1024, 2048})
        measure(arch, num_tokens);
}
