#include "analysis/generation/sampling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>

namespace headlight {
namespace {

constexpr double kGone = -std::numeric_limits<double>::infinity();

void penalise(std::vector<double>& logits, std::span<const std::int32_t> seen, double penalty) {
    if (penalty == 1) return;
    for (const std::int32_t id : std::set<std::int32_t>(seen.begin(), seen.end())) {
        double& logit = logits[static_cast<std::size_t>(id)];
        logit = logit < 0 ? logit * penalty : logit / penalty;
    }
}

std::vector<double> softmax(const std::vector<double>& logits) {
    const double largest = *std::max_element(logits.begin(), logits.end());
    std::vector<double> out(logits.size());
    double sum = 0;
    for (std::size_t i = 0; i < logits.size(); ++i)
        sum += out[i] = std::exp(logits[i] - largest);
    for (double& value : out)
        value /= sum;
    return out;
}

void keep_top_k(std::vector<double>& logits, int count) {
    if (count <= 0 || static_cast<std::size_t>(count) >= logits.size()) return;
    std::vector<double> sorted = logits;
    std::nth_element(sorted.begin(), sorted.begin() + (count - 1), sorted.end(), std::greater<>());
    const double least = sorted[static_cast<std::size_t>(count) - 1];
    for (double& logit : logits)
        if (logit < least) logit = kGone;  // those equal to the k-th stay
}

void keep_top_p(std::vector<double>& logits, double share) {
    if (share >= 1) return;
    const std::vector<double> p = softmax(logits);
    // All that are so small that even together they hold less than what goes: most of a vocabulary, unsorted.
    const double small = (1 - share) / static_cast<double>(p.size());
    std::vector<std::size_t> order;
    double sum = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
        if (p[i] >= small) {
            order.push_back(i);
            continue;
        }
        sum += p[i];
        logits[i] = kGone;
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
    for (std::size_t i = 0; i + 1 < order.size(); ++i) {  // the likeliest stays in any case
        sum += p[order[i]];
        if (sum > 1 - share) break;
        logits[order[i]] = kGone;
    }
}

void keep_min_p(std::vector<double>& logits, double share) {
    if (share <= 0) return;
    const std::vector<double> p = softmax(logits);
    const double least = share * *std::max_element(p.begin(), p.end());
    for (std::size_t i = 0; i < logits.size(); ++i)
        if (p[i] < least) logits[i] = kGone;
}

}  // namespace

std::vector<double> sampling_probabilities(std::span<const float> logits, std::span<const std::int32_t> seen,
                                           const SamplingSettings& settings) {
    std::vector<double> values(logits.begin(), logits.end());
    penalise(values, seen, settings.repetition_penalty);
    if (settings.temperature > 0)
        for (double& value : values)
            value /= settings.temperature;
    keep_top_k(values, settings.top_k);
    keep_top_p(values, settings.top_p);
    keep_min_p(values, settings.min_p);
    return softmax(values);
}

std::int32_t greedy_token(std::span<const float> logits, std::span<const std::int32_t> seen,
                          double repetition_penalty) {
    std::vector<double> values(logits.begin(), logits.end());
    penalise(values, seen, repetition_penalty);
    return static_cast<std::int32_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

double draw_at(std::uint64_t seed, int step) {
    std::mt19937_64 random(seed);
    random.discard(static_cast<unsigned long long>(step));
    // 53 bits of the generator: the same on every platform, unlike the library's distributions.
    return static_cast<double>(random() >> 11) * 0x1.0p-53;
}

std::int32_t token_at(std::span<const double> probabilities, double uniform) {
    double sum = 0;
    std::int32_t last = 0;
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
        if (probabilities[i] <= 0) continue;
        last = static_cast<std::int32_t>(i);
        sum += probabilities[i];
        if (uniform < sum) break;
    }
    return last;
}

}  // namespace headlight
