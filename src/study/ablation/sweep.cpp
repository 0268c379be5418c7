#include "study/ablation/sweep.h"

#include <algorithm>
#include <set>

#include "study/ablation/measure.h"

namespace headlight {
namespace {

std::vector<HeadId> every_head(const ModelSpec& spec) {
    std::vector<HeadId> heads;
    const std::vector<int>& absent = spec.layers_without_attention;
    for (int layer = 0; layer < spec.num_layers; ++layer) {
        const bool is_absent = std::binary_search(absent.begin(), absent.end(), layer);
        for (int head = 0; !is_absent && head < spec.num_heads; ++head)
            heads.push_back({layer, head});
    }
    return heads;
}

/// One change for each head, or each layer that holds one of them.
void add_sets(const SweepRequest& request, const ModelSpec& spec, const std::vector<HeadId>& heads,
              SweptPart part, std::vector<InterventionSet>& sets) {
    Intervention one;
    one.mode = request.mode;
    one.window = request.window;
    std::set<int> layers;
    for (const HeadId head : heads) {
        layers.insert(head.layer);
        one.heads = {head};
        if (part == SweptPart::Head) sets.push_back({one});
    }
    if (part == SweptPart::Head) return;
    for (const int layer : layers) {
        one.heads.clear();
        one.mlp_layers.clear();
        if (part == SweptPart::Mlp) one.mlp_layers = {layer};
        for (int head = 0; part == SweptPart::Layer && head < spec.num_heads; ++head)
            one.heads.push_back({layer, head});
        sets.push_back({one});
    }
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

std::optional<SweptPart> swept_part(std::string_view name) {
    if (name == "head") return SweptPart::Head;
    if (name == "layer") return SweptPart::Layer;
    if (name == "mlp") return SweptPart::Mlp;
    return std::nullopt;
}

Result<std::vector<AblationEffect>> sweep_heads(ModelRunner& runner, const SweepRequest& request,
                                                const JobContext& job,
                                                const std::function<void(const AblationEffect&)>& on_effect) {
    HEADLIGHT_CHECK(check_mode(request.mode));
    const ModelSpec& spec = runner.spec();
    const std::vector<HeadId> heads = request.heads.empty() ? every_head(spec) : request.heads;
    std::vector<InterventionSet> sets;
    for (const SweptPart part : request.parts)
        add_sets(request, spec, heads, part, sets);
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
