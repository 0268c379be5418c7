// How long ablations take beside full passes, in processor time, which a busy machine hardly changes. Not a
// test: run by hand as `ablation_bench MODEL [tokens] [threads]`; with one thread the times are also those on
// the wall.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "model/model_runner.h"

namespace {

using namespace headlight;

double now_ms() {
    return 1000.0 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

template <class Body>
double best_of(int rounds, const Body& body) {
    double best = 1e30;
    for (int i = 0; i < rounds; ++i) {
        const double start = now_ms();
        body();
        best = std::min(best, now_ms() - start);
    }
    return best;
}

/// Mean loss and KL, to be compared with other programs on the same ids.
void print_effect(AblationRun& run, InterventionMode mode, HeadId head) {
    Intervention change;
    change.mode = mode;
    change.heads = {head};
    change.edges = {{5, 3}};
    AblationWish wish;
    wish.wants_distribution = true;
    const AblationOutcome outcome = run.apply(std::span(&change, 1), wish, {}).value();
    const auto mean = [](const std::vector<float>& values) {
        double sum = 0;
        for (const float x : values)
            sum += x;
        return sum / static_cast<double>(values.size());
    };
    fmt::print("{} {} loss {:.6f} kl {:.7f}, unchanged {:.6f}\n", head.to_string(), to_string(mode),
               mean(outcome.token_loss), mean(outcome.kl), mean(run.base_loss()));
}

double ablate_ms(AblationRun& run, InterventionMode mode, HeadId head, const AblationWish& wish) {
    Intervention change;
    change.mode = mode;
    change.heads = {head};
    change.edges = {{5, 3}};
    return best_of(2, [&] {
        if (!run.apply(std::span(&change, 1), wish, {})) std::abort();
    });
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        fmt::print(stderr, "usage: ablation_bench MODEL [tokens] [threads]\n");
        return 2;
    }
    const int num_tokens = argc > 2 ? std::atoi(argv[2]) : 128;
    const auto threads = std::make_shared<const std::atomic<int>>(argc > 3 ? std::atoi(argv[3]) : 1);
    auto runner = open_model_runner({argv[1], {}}, {}, threads);
    if (!runner) {
        fmt::print(stderr, "error: {}\n", runner.error().to_string());
        return 1;
    }
    const ModelSpec& spec = (*runner)->spec();
    RunRequest request;
    for (int i = 0; i < num_tokens; ++i)
        request.ids.push_back((i * 7919 + i * i * 31) % spec.vocab_size);
    request.capture = CaptureMode::None;
    request.may_reuse_prefix = false;
    const double plain = best_of(2, [&] { (void)(*runner)->run(request, {}); });
    request.wants_all_logits = true;
    const double with_logits = best_of(2, [&] { (void)(*runner)->run(request, {}); });
    auto run = (*runner)->start_ablation(request.ids, {}).value();
    const double starting = best_of(2, [&] { run = (*runner)->start_ablation(request.ids, {}).value(); });
    fmt::print("{} tokens: full pass {:.1f} ms, with logits {:.1f} ms, start_ablation {:.1f} ms\n",
               num_tokens, plain, with_logits, starting);
    const double loss_only = best_of(2, [&] { (void)run->apply({}, {}, {}); });
    fmt::print("loss of known hidden states: {:.1f} ms\n", loss_only);
    AblationWish wide;
    wide.wants_distribution = true;
    double sum = 0;
    int count = 0;
    for (int layer = 0; layer < spec.num_layers; layer += std::max(1, spec.num_layers / 6)) {
        const double uniform = ablate_ms(*run, InterventionMode::Uniform, {layer, 0}, {});
        sum += uniform;
        print_effect(*run, InterventionMode::Uniform, {layer, 0});
        print_effect(*run, InterventionMode::KnockOut, {layer, 0});
        ++count;
        fmt::print("layer {:2}: uniform {:6.1f} ms, knock out {:6.1f} ms, with distribution {:6.1f} ms\n",
                   layer, uniform, ablate_ms(*run, InterventionMode::KnockOut, {layer, 0}, {}),
                   ablate_ms(*run, InterventionMode::Uniform, {layer, 0}, wide));
    }
    const int num_sweeps = spec.num_layers * spec.num_heads;
    fmt::print(
        "mean over layers {:.1f} ms; a sweep of {} heads {:.1f} s, as many passes with loss {:.1f} s\n",
        sum / count, num_sweeps, sum / count * num_sweeps / 1000, starting * num_sweeps / 1000);
    return 0;
}
