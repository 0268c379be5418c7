// How often the labels in other places do as well: the statistics of PermutedPairs.
#include <algorithm>
#include <cmath>

#include "analysis/statistics/label_permutation.h"

namespace headlight {

double PermutedPairs::statistic(const Pairs& pairs, std::span<const float> excess) const {
    double sums[2] = {0, 0};
    for (int group = 0; group < 2; ++group) {
        for (const std::uint32_t index : pairs.group[group])
            sums[group] += excess[index];
    }
    if (!is_difference_) return sums[0];
    return std::abs(sums[0] * pairs.weight[0] - sums[1] * pairs.weight[1]);
}

double PermutedPairs::p_of(std::span<const double> statistics) const {
    // Sums in another order must count as ties.
    const double bound = statistics[0] - 1e-6 * (1.0 + std::abs(statistics[0]));
    const auto as_large =
        std::count_if(statistics.begin() + 1, statistics.end(), [&](double value) { return value >= bound; });
    return (1.0 + static_cast<double>(as_large)) / (1.0 + num_permutations_);
}

/// [head][arrangement]. Where a pair lies is worked out once for all heads.
std::vector<std::vector<double>> PermutedPairs::equal_statistics(
    std::span<const std::span<const float>> heads) const {
    const auto count = static_cast<std::size_t>(num_permutations_) + 1;
    const auto num_tokens = static_cast<std::uint32_t>(num_tokens_);
    std::vector<std::vector<double>> out(heads.size(), std::vector<double>(count));
    std::vector<std::uint32_t> cells(equal_.size());
    for (std::size_t draw = 0; draw < count; ++draw) {
        const std::uint32_t* place = places_.data() + draw * num_tokens_;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const std::uint32_t a = place[equal_[i].first], b = place[equal_[i].second];
            const std::uint32_t key = std::min(a, b) + equal_offset_, query = std::max(a, b);
            // The token itself is no pair; cell 0 has no excess.
            cells[i] = key < query ? query * num_tokens + key : 0u;
        }
        for (std::size_t h = 0; h < heads.size(); ++h) {
            double sum = 0;
            for (const std::uint32_t cell : cells)
                sum += heads[h][cell];
            out[h][draw] = sum;
        }
    }
    return out;
}

std::vector<double> PermutedPairs::p_values(std::span<const std::span<const float>> heads) const {
    std::vector<double> out;
    const bool fits = std::all_of(heads.begin(), heads.end(), [&](std::span<const float> excess) {
        return excess.size() == num_tokens_ * num_tokens_;
    });
    if (num_permutations_ == 0 || !fits) return out;
    if (!equal_.empty()) {
        for (const std::vector<double>& statistics : equal_statistics(heads))
            out.push_back(p_of(statistics));
        return out;
    }
    for (const std::span<const float> excess : heads)
        out.push_back(p_of(statistics_of(excess)));
    return out;
}

std::optional<double> PermutedPairs::p_value(std::span<const float> excess) const {
    const std::vector<double> p = p_values({&excess, 1});
    return p.empty() ? std::nullopt : std::optional(p.front());
}

std::vector<double> PermutedPairs::statistics_of(std::span<const float> excess) const {
    std::vector<double> statistics;
    if (keys_.empty()) {
        for (const Pairs& pairs : pairs_)
            statistics.push_back(statistic(pairs, excess));
        return statistics;
    }
    // Key classes see whole columns, so their sums are enough.
    std::vector<double> columns(num_tokens_, 0.0);
    for (std::size_t query = 0; query < num_tokens_; ++query) {
        for (std::size_t key = 1; key < query; ++key)
            columns[key] += excess[query * num_tokens_ + key];
    }
    for (const std::vector<std::uint8_t>& keys : keys_) {
        double sum = 0;
        for (std::size_t key = 1; key < num_tokens_; ++key)
            sum += keys[key] * columns[key];
        statistics.push_back(sum);
    }
    return statistics;
}

}  // namespace headlight
