#include "study/ablation/sweep.h"

#include "study/ablation/measure.h"

namespace headlight {
namespace {

std::vector<HeadId> every_head(const ModelSpec& spec) {
    std::vector<HeadId> heads;
    for (int layer = 0; layer < spec.num_layers; ++layer) {
        for (int head = 0; head < spec.num_heads; ++head)
            heads.push_back({layer, head});
    }
    return heads;
}

Status check_mode(InterventionMode mode) {
    if (mode != InterventionMode::Pattern && mode != InterventionMode::KnockOut &&
        mode != InterventionMode::Scale)
        return {};
    return fail(ErrorKind::InvalidInput,
                "a sweep changes every head in the same way; '{}' needs its own data for each head. Use "
                "uniform, local, "
                "previous, first, identity, zero or mean",
                to_string(mode));
}

}  // namespace

Result<std::vector<AblationEffect>> sweep_heads(ModelRunner& runner, const SweepRequest& request,
                                                const JobContext& job,
                                                const std::function<void(const AblationEffect&)>& on_effect) {
    HEADLIGHT_CHECK(check_mode(request.mode));
    const ModelSpec& spec = runner.spec();
    std::vector<InterventionSet> sets;
    for (const HeadId head : request.heads.empty() ? every_head(spec) : request.heads) {
        Intervention one;
        one.mode = request.mode;
        one.window = request.window;
        one.heads = {head};
        sets.push_back({std::move(one)});
    }
    return measure_sets(runner, request, sets, job, on_effect);
}

Result<AblationEffect> measure_ablation(ModelRunner& runner, const SweepRequest& texts,
                                        const std::vector<Intervention>& interventions,
                                        const JobContext& job) {
    const InterventionSet set(interventions);
    HEADLIGHT_TRY(std::vector<AblationEffect> effects, measure_sets(runner, texts, {&set, 1}, job));
    return std::move(effects.front());
}

}  // namespace headlight
