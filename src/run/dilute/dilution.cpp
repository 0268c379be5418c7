#include "run/dilute/dilution.h"

#include <algorithm>

namespace headlight {

const char* to_string(FactPlace place) {
    return place == FactPlace::Start ? "start" : "near";
}

const char* describe(FactPlace place) {
    return place == FactPlace::Start ? "fact at the start: its distance grows with the context"
                                     : "fact just before the target: its distance stays";
}

std::optional<FactChange> fact_change(const DilutionExperiment& experiment, std::size_t head) {
    if (experiment.lengths.empty()) return std::nullopt;
    const DilutionPoint &first = experiment.lengths.front().heads[head],
                        &last = experiment.lengths.back().heads[head];
    constexpr DilutionKind kFact = DilutionKind::Fact;
    if (!first.mean[kFact] || !first.null[kFact] || !last.mean[kFact] || !last.null[kFact])
        return std::nullopt;
    return FactChange{*first.mean[kFact], *first.null[kFact], *last.mean[kFact], *last.null[kFact]};
}

std::vector<RankedHead> ranked_heads(const DilutionResult& result, const DilutionExperiment& experiment) {
    std::vector<RankedHead> out;
    for (std::size_t i = 0; i < result.grid.size(); ++i) {
        const auto change = fact_change(experiment, i);
        if (change && change->hold() != FactHold::NotSeen) out.push_back({result.grid.at(i), *change});
    }
    std::stable_sort(out.begin(), out.end(), [](const RankedHead& a, const RankedHead& b) {
        if (a.change.hold() != b.change.hold()) return a.change.hold() < b.change.hold();
        return a.change.lift_long().value_or(-1) > b.change.lift_long().value_or(-1);
    });
    return out;
}

std::vector<int> usual_lengths(const ModelSpec& spec, int least, int most) {
    if (spec.max_positions > 0) most = std::min(most, spec.max_positions);
    std::vector<int> out;
    for (int length = 64; length <= most; length *= 2)
        if (length >= least) out.push_back(length);
    if (out.empty() || (out.back() != most && most >= least)) out.push_back(std::max(most, least));
    return out;
}

// The label is the only thing about rotation that leaves the engine.
bool rotates_by_length(const ModelSpec& spec) {
    return spec.position_encoding.find("dynamic NTK") != std::string::npos ||
           spec.position_encoding.find("LongRoPE") != std::string::npos;
}

}  // namespace headlight
