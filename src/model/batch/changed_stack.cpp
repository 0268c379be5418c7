#include "model/batch/changed_stack.h"

#include "model/forward/changed_attention.h"
#include "model/forward/mlp_change.h"

namespace headlight {
namespace {

/// One of the passes.
struct ChangedText {
    ChangedText(const Architecture& arch, const Weights& weights, int num_tokens,
                std::span<const Intervention> change, KvCache& cache, const JobContext& job)
        : kernel(arch, cache, {0, num_tokens, 1}),
          attention(arch, weights, kernel, change),
          mlps(job, change) {}

    KernelAttention kernel;
    ChangedAttention attention;
    MlpChange mlps;
};

}  // namespace

std::vector<torch::Tensor> run_changed_stack(const Architecture& arch, const Weights& weights,
                                             const torch::Tensor& entering, int first_layer,
                                             std::span<const std::vector<Intervention>> changes,
                                             KvCache& cache, const JobContext& job, BatchProgress& progress) {
    const int num_tokens = static_cast<int>(entering.size(0));
    const std::vector<int> lengths(changes.size(), num_tokens);
    const Stack stack(arch, weights, lengths, /*least_rows=*/1);
    cache.reserve(num_tokens, 0);
    std::vector<std::unique_ptr<ChangedText>> texts;
    std::vector<AttentionStep*> steps;
    std::vector<Probe*> probes;
    for (const std::vector<Intervention>& change : changes) {
        texts.push_back(std::make_unique<ChangedText>(arch, weights, num_tokens, change, cache, job));
        steps.push_back(&texts.back()->attention);
        probes.push_back(&texts.back()->mlps);
    }
    StackedAttention attention(stack, std::move(steps));
    StackedProbe probe(stack, std::move(probes), progress);
    PassContext context = stack.context(attention);
    const std::vector<torch::Tensor> copies(changes.size(), entering.unsqueeze(0));
    torch::Tensor x = stack.join(copies);
    if (copies.size() == 1) x = x.clone();  // the pass goes on in its memory
    const torch::Tensor hidden = forward_from(context, x, first_layer, &probe);
    std::vector<torch::Tensor> out;
    for (std::size_t i = 0; hidden.defined() && i < changes.size(); ++i)
        out.push_back(stack.part(hidden, i)[0]);
    return out;
}

}  // namespace headlight
