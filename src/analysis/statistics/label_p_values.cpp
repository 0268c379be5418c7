// How often the labels in other places do as well: the statistics of PermutedPairs.
#include <algorithm>
#include <bit>
#include <cmath>

#include "analysis/statistics/label_permutation.h"

namespace headlight {
namespace {

constexpr std::size_t kHeadsBeside = 8, kDrawsAtOnce = 4;

/// Sums over the cells of `Draws` arrangements of `Width` heads whose cells lie beside each other. Each sum
/// adds in the order of its cells; several at a time, because a sum waits for itself.
template <std::size_t Width, std::size_t Draws>
void sum_cells(const float* values, const std::uint32_t* cells, std::size_t num_cells, double* sums) {
    double kept[Draws * Width] = {};
    for (std::size_t i = 0; i < num_cells; ++i) {
        for (std::size_t d = 0; d < Draws; ++d) {
            const float* at = values + std::size_t{cells[d * num_cells + i]} * Width;
            for (std::size_t h = 0; h < Width; ++h)
                kept[d * Width + h] += static_cast<double>(at[h]);
        }
    }
    std::copy_n(kept, Draws * Width, sums);
}

template <std::size_t Width>
void sum_draws(const float* values, std::span<const std::uint32_t> cells, std::size_t num_cells,
               std::size_t num_draws, double* sums) {
    if (num_draws == kDrawsAtOnce)
        return sum_cells<Width, kDrawsAtOnce>(values, cells.data(), num_cells, sums);
    for (std::size_t d = 0; d < num_draws; ++d)
        sum_cells<Width, 1>(values, cells.data() + d * num_cells, num_cells, sums + d * Width);
}

/// Up to eight heads, cell by cell: what one looks up is there for all.
struct HeadsBeside {
    std::size_t first = 0, num_heads = 0, width = 1;  // of the list of heads; width 1, 2, 4 or 8
    std::vector<float> own;                           // [cell, width]; empty where there is one head
    const float* values = nullptr;

    /// sums [num_draws, width]; cells [num_draws, num_cells]
    void sum(std::span<const std::uint32_t> cells, std::size_t num_cells, std::size_t num_draws,
             double* sums) const {
        if (width == 1) return sum_draws<1>(values, cells, num_cells, num_draws, sums);
        if (width == 2) return sum_draws<2>(values, cells, num_cells, num_draws, sums);
        if (width == 4) return sum_draws<4>(values, cells, num_cells, num_draws, sums);
        sum_draws<kHeadsBeside>(values, cells, num_cells, num_draws, sums);
    }
};

std::vector<HeadsBeside> beside_each_other(std::span<const std::span<const float>> heads) {
    std::vector<HeadsBeside> out;
    for (std::size_t first = 0; first < heads.size(); first += kHeadsBeside) {
        HeadsBeside& block = out.emplace_back();
        block.first = first;
        block.num_heads = std::min(kHeadsBeside, heads.size() - first);
        block.width = std::bit_ceil(block.num_heads);
        block.values = heads[first].data();
        if (block.width == 1) continue;
        const std::size_t num_cells = heads[first].size();
        block.own.assign(num_cells * block.width, 0.0f);
        for (std::size_t cell = 0; cell < num_cells; ++cell) {
            for (std::size_t h = 0; h < block.num_heads; ++h)
                block.own[cell * block.width + h] = heads[first + h][cell];
        }
        block.values = block.own.data();
    }
    return out;
}

}  // namespace

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
    const std::size_t num_pairs = equal_.size();
    std::vector<std::vector<double>> out(heads.size(), std::vector<double>(count));
    const std::vector<HeadsBeside> blocks = beside_each_other(heads);
    std::vector<std::uint32_t> cells(kDrawsAtOnce * num_pairs);
    for (std::size_t draw = 0; draw < count; draw += kDrawsAtOnce) {
        const std::size_t num_draws = std::min(kDrawsAtOnce, count - draw);
        for (std::size_t d = 0; d < num_draws; ++d)
            place_pairs(draw + d, std::span(cells).subspan(d * num_pairs, num_pairs));
        for (const HeadsBeside& block : blocks) {
            double sums[kDrawsAtOnce * kHeadsBeside] = {};
            block.sum(cells, num_pairs, num_draws, sums);
            for (std::size_t d = 0; d < num_draws; ++d) {
                for (std::size_t h = 0; h < block.num_heads; ++h)
                    out[block.first + h][draw + d] = sums[d * block.width + h];
            }
        }
    }
    return out;
}

/// Cells of the pairs in one arrangement. The token itself is no pair: cell 0 has no excess.
void PermutedPairs::place_pairs(std::size_t draw, std::span<std::uint32_t> cells) const {
    const auto num_tokens = static_cast<std::uint32_t>(num_tokens_);
    const std::uint32_t* place = places_.data() + draw * num_tokens_;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::uint32_t a = place[equal_[i].first], b = place[equal_[i].second];
        const std::uint32_t key = std::min(a, b) + equal_offset_, query = std::max(a, b);
        cells[i] = key < query ? query * num_tokens + key : 0u;
    }
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
    statistics.resize(keys_.size());
    std::size_t draw = 0;
    for (; draw + kDrawsAtOnce <= keys_.size(); draw += kDrawsAtOnce) {
        const std::uint8_t* keys[kDrawsAtOnce];
        for (std::size_t d = 0; d < kDrawsAtOnce; ++d)
            keys[d] = keys_[draw + d].data();
        double sums[kDrawsAtOnce] = {};
        for (std::size_t key = 1; key < num_tokens_; ++key) {
            for (std::size_t d = 0; d < kDrawsAtOnce; ++d)
                sums[d] += keys[d][key] * columns[key];
        }
        std::copy_n(sums, kDrawsAtOnce, statistics.begin() + static_cast<std::ptrdiff_t>(draw));
    }
    for (; draw < keys_.size(); ++draw) {
        for (std::size_t key = 1; key < num_tokens_; ++key)
            statistics[draw] += keys_[draw][key] * columns[key];
    }
    return statistics;
}

}  // namespace headlight
