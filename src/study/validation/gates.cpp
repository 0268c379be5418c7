#include "study/validation/gates.h"

#include <algorithm>
#include <cmath>

namespace headlight {
namespace {

constexpr int kMostSequences = 4;
constexpr std::size_t kLeastHeads = 8;

/// Two passes a head from its layer on: about one whole pass, two operations a parameter and token.
double cost_per_head(const ValidationSetup& setup) {
    return 2.0 * static_cast<double>(std::max<std::int64_t>(1, setup.spec().num_parameters)) *
           setup.sequence_length;
}

struct Plan {
    std::vector<std::size_t> heads;
    int num_sequences = 1;
};

Plan make_plan(const ValidationSetup& setup) {
    const double affordable = setup.request->gate_budget / cost_per_head(setup);
    const std::size_t all = setup.num_heads();
    Plan plan;
    std::size_t count = all;
    if (affordable >= static_cast<double>(all)) {
        plan.num_sequences = std::clamp(static_cast<int>(affordable / static_cast<double>(all)), 1,
                                        std::min(kMostSequences, setup.num_sequences));
    } else {
        count = std::min(all, std::max(kLeastHeads, static_cast<std::size_t>(affordable)));
    }
    for (std::size_t k = 0; k < count; ++k)
        plan.heads.push_back((2 * k + 1) * all / (2 * count));
    return plan;
}

double mean_loss(const std::vector<float>& losses) {
    double sum = 0;
    for (const float loss : losses)
        sum += loss;
    return sum / static_cast<double>(losses.size());
}

Result<double> gated_loss(AblationRun& run, HeadId head, double factor, const JobContext& job) {
    Intervention gate;
    gate.mode = InterventionMode::Scale;
    gate.heads = {head};
    gate.factor = factor;
    HEADLIGHT_TRY(const AblationOutcome outcome, run.apply({&gate, 1}, {}, job));
    if (outcome.token_loss.empty())
        return fail(ErrorKind::Unsupported, "the changed model has no next-token loss");
    return mean_loss(outcome.token_loss);
}

}  // namespace

Result<GateReport> measure_gates(const ValidationSetup& setup, const JobContext& job) {
    const Plan plan = make_plan(setup);
    const double step = setup.request->gate_step;
    const JobContext quiet(job.stop_token());
    std::vector<double> sums(plan.heads.size()), absolute(plan.heads.size());
    const double total = static_cast<double>(plan.heads.size()) * plan.num_sequences;
    double done = 0;
    for (int s = 0; s < plan.num_sequences; ++s) {
        HEADLIGHT_TRY(
            const auto run,
            setup.runner->start_ablation(setup.request->sequences[static_cast<std::size_t>(s)].ids(), quiet));
        for (std::size_t k = 0; k < plan.heads.size(); ++k) {
            if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped");
            const HeadId head = setup.head(plan.heads[k]);
            HEADLIGHT_TRY(const double above, gated_loss(*run, head, 1 + step, quiet));
            HEADLIGHT_TRY(const double below, gated_loss(*run, head, 1 - step, quiet));
            const double gradient = (above - below) / (2 * step);
            sums[k] += gradient / plan.num_sequences;
            absolute[k] += std::abs(gradient) / plan.num_sequences;
            job.report({"head gates", ++done / total, {}});
        }
    }
    GateReport report;
    report.num_sequences = plan.num_sequences;
    report.has_all_heads = plan.heads.size() == setup.num_heads();
    for (std::size_t k = 0; k < plan.heads.size(); ++k)
        report.heads.push_back({setup.head(plan.heads[k]), sums[k], absolute[k]});
    return report;
}

}  // namespace headlight
