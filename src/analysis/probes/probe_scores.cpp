#include <algorithm>

#include "analysis/patterns/detector_scoring.h"
#include "analysis/patterns/detector_text.h"
#include "analysis/probes/probe.h"
#include "analysis/statistics/statistics.h"

namespace headlight {
namespace {

// Rules for a tag of a probe.
constexpr int kLeastSequences = 12;
constexpr double kLeastConsistency = 0.7;
constexpr double kMostQ = 0.05;

}  // namespace

ProbeAccumulator::ProbeAccumulator(int num_layers, int num_heads) : grid_{num_layers, num_heads} {
    samples_.resize(detectors().size() * grid_.size());
    q_values_.assign(samples_.size(), 1.0);
}

void ProbeAccumulator::add(const AttentionTrace& trace, std::span<const Token> tokens,
                           std::span<const KeySet> key_sets) {
    if (trace.grid() != grid_) return;
    // Classes of tokens mean nothing on random ones: only the live detectors are measured, so no rows are
    // read.
    const DetectorText text(tokens, trace.info(), key_sets, {.most_row_tokens = 0});
    for (int layer = 0; layer < grid_.num_layers; ++layer) {
        for (int head = 0; head < grid_.num_heads; ++head) {
            std::vector<RowStats> rows(static_cast<std::size_t>(trace.num_queries()));
            trace.row_stats(layer, head, rows);
            const std::vector<Tag> tags = detect(trace, rows, {layer, head}, text);
            for (std::size_t d = 0; d < tags.size(); ++d) {
                const DetectorScore& score = tags[d].score;
                if (!tags[d].detector->is_live) continue;
                if (!score.score || !score.null) continue;
                samples_[index_of(d, {layer, head})].push_back(
                    {*score.score, *score.null, score.argmax_rate.value_or(0.0), score.is_tagged});
            }
        }
    }
    ++num_sequences_;
    update_tests();
}

std::size_t ProbeAccumulator::index_of(std::size_t detector, HeadId head) const {
    return detector * grid_.size() + grid_.index(head);
}

double ProbeAccumulator::p_value(std::size_t index) const {
    std::vector<double> differences;
    for (const Sample& sample : samples_[index])
        differences.push_back(sample.score - sample.null);
    return sign_flip_p_value(differences);
}

/// All heads and detectors that were measured are tested at once, so their q-values belong together.
void ProbeAccumulator::update_tests() {
    std::vector<double> p_values;
    std::vector<std::size_t> tested;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
        if (samples_[i].empty()) continue;
        p_values.push_back(p_value(i));
        tested.push_back(i);
    }
    const std::vector<double> q_values = benjamini_hochberg(p_values);
    for (std::size_t t = 0; t < tested.size(); ++t)
        q_values_[tested[t]] = q_values[t];
}

std::vector<ProbeScore> ProbeAccumulator::scores(HeadId head) const {
    std::vector<ProbeScore> results;
    for (std::size_t d = 0; d < detectors().size(); ++d) {
        if (!detectors()[d]->is_live) continue;
        ProbeScore result = summarize(samples_[index_of(d, head)]);
        result.detector = detectors()[d];
        result.p_value = p_value(index_of(d, head));
        result.q_value = q_values_[index_of(d, head)];
        result.is_tagged = is_tagged(result, samples_[index_of(d, head)]);
        results.push_back(result);
    }
    return results;
}

ProbeScore ProbeAccumulator::summarize(const std::vector<Sample>& samples) {
    ProbeScore mean;
    mean.num_sequences = static_cast<int>(samples.size());
    const double weight = samples.empty() ? 0.0 : 1.0 / static_cast<double>(samples.size());
    for (const Sample& sample : samples) {
        const double lift = sample.null > 0 ? sample.score / sample.null : 0.0;
        mean.score += weight * sample.score;
        mean.null += weight * sample.null;
        mean.lift += weight * lift;
        mean.kappa += sample.null < 1 ? weight * (sample.score - sample.null) / (1 - sample.null) : 0.0;
        mean.argmax_rate += weight * sample.argmax_rate;
        mean.consistency += lift > 1 ? weight : 0.0;
    }
    return mean;
}

bool ProbeAccumulator::is_tagged(const ProbeScore& mean, const std::vector<Sample>& samples) {
    if (mean.num_sequences < kLeastSequences) return false;
    const auto num_tagged =
        std::count_if(samples.begin(), samples.end(), [](const Sample& s) { return s.is_tagged; });
    const bool passes_singly = static_cast<double>(num_tagged) >= kLeastConsistency * mean.num_sequences;
    if (mean.null >= 1) return passes_singly;  // nothing lies above the null of "uniform": no excess to test
    const DetectorDescriptor& detector = *mean.detector;
    const bool passes_on_mean =
        (detector.has_kappa_threshold ? mean.kappa : mean.score) >= detector.threshold;
    if (!passes_singly && !passes_on_mean) return false;
    return mean.q_value < kMostQ && mean.consistency >= kLeastConsistency &&
           (mean.lift >= kLeastLift || mean.kappa >= kLeastKappa);
}

}  // namespace headlight
