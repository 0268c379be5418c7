#include "study/scan/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/patterns/detector_scoring.h"
#include "analysis/statistics/statistics.h"
#include "base/parallel.h"
#include "study/scan/random.h"
#include "study/scan/tag_rule.h"

namespace headlight {
namespace {

double plain_mean(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Where even attention is the largest score there can be, no test against it makes sense.
bool can_exceed_null(const AtlasScore& score) {
    return score.null && *score.null < 1 - 1e-9;
}

/// Exact without drawing: when no difference is positive every sign pattern reaches the observed sum.
double flip_test(const std::vector<double>& differences) {
    const bool is_hopeless =
        std::all_of(differences.begin(), differences.end(), [](double d) { return d <= 0; });
    return is_hopeless ? 1.0 : sign_flip_p_value(differences);
}

std::vector<double> differences_of(const ScanSamples& samples) {
    std::vector<double> out(samples.scores.size());
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = samples.scores[i] - samples.nulls[i];
    return out;
}

void test_one(const ScanSamples& samples, bool has_interval, std::uint64_t seed, AtlasEntry& entry) {
    entry.confirmation = mean_score(samples);
    if (samples.size() == 0) return;
    entry.consistency = consistency(samples.scores);
    if (entry.consistency) entry.interpretability = *entry.confirmation.score * *entry.consistency;
    if (has_interval) {
        const Interval interval = bootstrap_mean(samples.scores, seed);
        entry.low = interval.low;
        entry.high = interval.high;
    }
    if (!samples.above_profile.empty()) entry.profile_p_value = flip_test(samples.above_profile);
    entry.permutation_p_value = combine_p_values(samples.permutation_ps);
    if (!can_exceed_null(entry.confirmation)) return;
    const std::vector<double> differences = differences_of(samples);
    entry.p_value = flip_test(differences);
    entry.cohen_d = cohen_d(differences);
    entry.positive_share = static_cast<double>(std::count_if(differences.begin(), differences.end(),
                                                             [](double d) { return d > 0; })) /
                           samples.size();
}

/// The statistic that the detector's threshold is on, and its name.
std::pair<const char*, double> deciding(const DetectorDescriptor& detector, const AtlasScore& score) {
    if (detector.has_argmax_threshold) return {"argmax rate", score.argmax_rate.value_or(0)};
    if (detector.has_kappa_threshold) return {"kappa", score.kappa.value_or(0)};
    return {"score", *score.score};
}

void apply_rule(const DetectorDescriptor& detector, const ScanSamples& samples, AtlasEntry& entry) {
    if (samples.size() == 0) return;
    const AtlasScore& score = entry.confirmation;
    TagRule rule;
    const auto [name, value] = deciding(detector, score);
    const double own_share = static_cast<double>(samples.num_own_tags) / samples.size();
    if (value < detector.threshold && own_share >= kLeastOwnShare) {
        rule.note(true,
                  fmt::format("the rule for one text is met on {:.2f} >= {:.2f} of the sequences ({} {:.2f})",
                              own_share, kLeastOwnShare, name, value));
    } else {
        rule.at_least(name, value, detector.threshold);
    }
    if (entry.q_value) {
        const double lift = score.lift.value_or(0), kappa = score.kappa.value_or(0);
        // A class of tokens must be attended twice as often as by chance, not only more: where most tokens
        // belong to it, every head would look like one that seeks it.
        const bool is_class = detector.is_key != nullptr;
        if (!is_class && lift < kLeastLift && kappa >= kLeastKappa) {
            rule.at_least("kappa", kappa, kLeastKappa);
        } else {
            rule.at_least("lift", lift, kLeastLift);
        }
        rule.below_level("q", *entry.q_value);
    }
    rule.at_least("consistency", entry.consistency.value_or(0), kLeastConsistency);
    const bool is_content = detector.kind != DetectorKind::Positional;
    if (is_content && entry.profile_p_value)
        rule.below_level("p against its positional profile", *entry.profile_p_value);
    if (is_content && entry.permutation_p_value)
        rule.below_level("p against permuted labels", *entry.permutation_p_value);
    rule.note(samples.size() >= kLeastTagSequences,
              fmt::format("{} sequences{}", samples.size(),
                          samples.size() >= kLeastTagSequences ? "" : " are fewer than 12"));
    entry.is_tagged = rule.is_met();
    entry.reason = rule.words();
}

/// The p-value that is corrected: of all nulls that apply, the largest. A content detector says nothing of
/// tokens where positions explain its score, so each null must be beaten and the weakest evidence counts (an
/// intersection-union test).
double weakest_p(const AtlasEntry& entry, bool is_content) {
    double p = *entry.p_value;
    if (is_content)
        p = std::max({p, entry.profile_p_value.value_or(0), entry.permutation_p_value.value_or(0)});
    return p;
}

void correct_tests(ScanTests& tests) {
    std::vector<std::size_t> places;
    std::vector<double> p_values;
    for (std::size_t i = 0; i < tests.entries.size(); ++i) {
        if (!tests.entries[i].p_value) continue;
        places.push_back(i);
        const bool is_content = detectors()[i % detectors().size()]->kind != DetectorKind::Positional;
        p_values.push_back(weakest_p(tests.entries[i], is_content));
    }
    const std::vector<double> q_values = benjamini_hochberg(p_values), strict = bonferroni(p_values);
    for (std::size_t i = 0; i < places.size(); ++i) {
        tests.entries[places[i]].q_value = q_values[i];
        tests.entries[places[i]].bonferroni = strict[i];
        const bool is_content = detectors()[places[i] % detectors().size()]->kind != DetectorKind::Positional;
        const bool is_below = q_values[i] < kTagLevel;
        (is_content ? tests.num_content_tests : tests.num_positional_tests) += 1;
        (is_content ? tests.num_content_below : tests.num_positional_below) += is_below ? 1 : 0;
    }
}

}  // namespace

void ScanSamples::add(const StoredScore& score) {
    if (!score.has_score() || !(score.null == score.null)) return;
    scores.push_back(score.score);
    nulls.push_back(score.null);
    if (score.argmax_rate == score.argmax_rate) argmax_rates.push_back(score.argmax_rate);
    if (score.profile_null == score.profile_null)
        above_profile.push_back(static_cast<double>(score.score) - static_cast<double>(score.profile_null));
    if (score.permutation_p == score.permutation_p) permutation_ps.push_back(score.permutation_p);
    num_own_tags += score.is_tagged ? 1 : 0;
}

AtlasScore mean_score(const ScanSamples& samples) {
    AtlasScore mean;
    mean.num_sequences = samples.size();
    if (samples.size() == 0) return mean;
    mean.score = plain_mean(samples.scores);
    mean.null = plain_mean(samples.nulls);
    if (*mean.null > 0) mean.lift = *mean.score / *mean.null;
    if (*mean.null < 1) mean.kappa = (*mean.score - *mean.null) / (1 - *mean.null);
    if (!samples.argmax_rates.empty()) mean.argmax_rate = plain_mean(samples.argmax_rates);
    return mean;
}

std::optional<double> combine_p_values(const std::vector<double>& p_values) {
    if (p_values.empty()) return std::nullopt;
    double half = 0;  // half of the statistic
    for (const double p : p_values)
        half -= std::log(std::clamp(p, 1e-300, 1.0));
    if (half <= 0) return 1.0;
    // Survival of chi-squared with 2n degrees: exp(-x) sum_{i < n} x^i / i!, the terms in logarithms.
    double term = -half, sum = 0;
    for (std::size_t i = 0; i < p_values.size(); ++i) {
        if (i > 0) term += std::log(half / static_cast<double>(i));
        sum += std::exp(term);
    }
    return std::min(1.0, sum);
}

ScanTests test_entries(const std::vector<ScanSamples>& samples, HeadGrid grid, bool has_intervals,
                       int num_threads, std::uint64_t seed) {
    const auto registry = detectors();
    ScanTests tests;
    tests.entries.resize(samples.size());
    parallel_for(samples.size(), num_threads, [&](std::size_t i) {
        AtlasEntry& entry = tests.entries[i];
        entry.head = grid.at(i / registry.size());
        entry.detector = registry[i % registry.size()]->id;
        test_one(samples[i], has_intervals, scan_hash(seed, i), entry);
    });
    correct_tests(tests);
    for (std::size_t i = 0; i < samples.size(); ++i)
        apply_rule(*registry[i % registry.size()], samples[i], tests.entries[i]);
    return tests;
}

}  // namespace headlight
