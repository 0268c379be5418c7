// How large an effect is, and how sure its size: effect size, consistency, bootstrap interval.
#include <algorithm>
#include <cmath>

#include "analysis/statistics/split_mix.h"
#include "analysis/statistics/statistics.h"

namespace headlight {
namespace {

double mean_of(std::span<const double> values) {
    double sum = 0;
    for (const double value : values)
        sum += value;
    return sum / static_cast<double>(values.size());
}

double squared_deviations(std::span<const double> values, double mean) {
    double sum = 0;
    for (const double value : values)
        sum += (value - mean) * (value - mean);
    return sum;
}

/// The quantile of ascending values, straight between neighbours (type 7 of Hyndman and Fan 1996).
double quantile(const std::vector<double>& sorted, double share) {
    const double position = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

Interval bootstrap_mean(std::span<const double> values, std::uint64_t seed, int num_resamples) {
    if (values.empty()) return {};
    if (values.size() == 1 || num_resamples < 1) return {mean_of(values), mean_of(values)};
    SplitMix random(seed);
    std::vector<double> means(static_cast<std::size_t>(num_resamples));
    for (double& mean : means) {
        double sum = 0;
        for (std::size_t i = 0; i < values.size(); ++i)
            sum += values[random.below(values.size())];
        mean = sum / static_cast<double>(values.size());
    }
    std::sort(means.begin(), means.end());
    return {quantile(means, 0.025), quantile(means, 0.975)};
}

std::optional<double> cohen_d(std::span<const double> differences) {
    if (differences.size() < 2) return std::nullopt;
    const double mean = mean_of(differences);
    const double sd =
        std::sqrt(squared_deviations(differences, mean) / static_cast<double>(differences.size() - 1));
    // Equal values leave a spread of rounding size only.
    if (!std::isfinite(sd) || sd <= 1e-14 * std::abs(mean) || sd == 0) return std::nullopt;
    return mean / sd;
}

std::optional<double> consistency(std::span<const double> values) {
    if (values.size() < 2) return std::nullopt;
    const double mean = mean_of(values);
    if (!(mean > 0) || !std::isfinite(mean)) return std::nullopt;
    const double sd = std::sqrt(squared_deviations(values, mean) / static_cast<double>(values.size()));
    return std::clamp(1 - sd / mean, 0.0, 1.0);
}

}  // namespace headlight
