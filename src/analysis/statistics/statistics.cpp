#include "analysis/statistics/statistics.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <random>

namespace headlight {
namespace {

constexpr std::size_t kMostExact = 20;
constexpr int kNumFlips = 20000;

/// All 2^n signed sums, ascending.
std::vector<double> signed_sums(std::span<const double> values) {
    std::vector<double> sums = {0.0};
    for (const double value : values) {
        const std::size_t half = sums.size();
        for (std::size_t i = 0; i < half; ++i) {
            sums.push_back(sums[i] - value);
            sums[i] += value;
        }
    }
    std::sort(sums.begin(), sums.end());
    return sums;
}

/// Meets in the middle: sums of the two halves, paired by a walk in opposite directions.
double exact_share_at_least(std::span<const double> values, double bound) {
    const std::vector<double> low = signed_sums(values.first(values.size() / 2));
    const std::vector<double> high = signed_sums(values.subspan(values.size() / 2));
    std::size_t first = high.size();
    double count = 0;
    for (const double sum : low) {
        while (first > 0 && sum + high[first - 1] >= bound)
            --first;
        count += static_cast<double>(high.size() - first);
    }
    return count / (static_cast<double>(low.size()) * static_cast<double>(high.size()));
}

double sampled_share_at_least(std::span<const double> values, double bound) {
    std::mt19937_64 random(20);
    int count = 1;  // the observed signs themselves
    for (int flip = 0; flip < kNumFlips; ++flip) {
        double sum = 0;
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (i % 64 == 0) bits = random();
            sum += (bits >> (i % 64) & 1) != 0 ? values[i] : -values[i];
        }
        count += sum >= bound ? 1 : 0;
    }
    return static_cast<double>(count) / (kNumFlips + 1);
}

}  // namespace

double sign_flip_p_value(std::span<const double> differences) {
    if (differences.empty()) return 1.0;
    double sum = 0, size = 0;
    for (const double difference : differences) {
        sum += difference;
        size += std::abs(difference);
    }
    const double bound = sum - 1e-12 * size;  // the order of the additions must not turn a tie into a miss
    return differences.size() <= kMostExact ? exact_share_at_least(differences, bound)
                                            : sampled_share_at_least(differences, bound);
}

std::vector<double> benjamini_hochberg(std::span<const double> p_values) {
    std::vector<std::size_t> order(p_values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
    std::vector<double> q_values(p_values.size());
    double least = 1.0;
    for (std::size_t rank = order.size(); rank > 0; --rank) {
        const std::size_t index = order[rank - 1];
        least =
            std::min(least, p_values[index] * static_cast<double>(order.size()) / static_cast<double>(rank));
        q_values[index] = least;
    }
    return q_values;
}

std::vector<double> bonferroni(std::span<const double> p_values) {
    std::vector<double> corrected;
    corrected.reserve(p_values.size());
    for (const double p_value : p_values)
        corrected.push_back(std::min(1.0, p_value * static_cast<double>(p_values.size())));
    return corrected;
}

double permutation_p_value(double observed, std::span<const double> permuted) {
    const auto as_large = std::count_if(permuted.begin(), permuted.end(),
                                        [observed](double value) { return value >= observed; });
    return (1.0 + static_cast<double>(as_large)) / (1.0 + static_cast<double>(permuted.size()));
}

}  // namespace headlight
