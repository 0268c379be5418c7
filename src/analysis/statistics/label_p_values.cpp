// How often the labels in other places do as well: the statistics of PermutedPairs.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "analysis/statistics/label_permutation.h"

namespace headlight {
namespace {

constexpr std::size_t kMostLaneCells = std::size_t{1} << 18;

/// Sums of kLanes heads, each in the order of its cells.
class LaneSums {
  public:
    void add(const float* cell) {
        for (std::size_t i = 0; i < kPairs; ++i) {
            Floats two;
            std::memcpy(&two, cell + 2 * i, sizeof(two));
            sums_[i] += __builtin_convertvector(two, Doubles);
        }
    }
    double of(std::size_t lane) const { return sums_[lane / 2][lane % 2]; }

  private:
    using Floats = float __attribute__((vector_size(8)));
    using Doubles = double __attribute__((vector_size(16)));
    static constexpr std::size_t kPairs = ExcessOfHeads::kLanes / 2;
    Doubles sums_[kPairs] = {};
};

LaneSums sum_cells(const float* lanes, std::span<const std::uint32_t> cells) {
    LaneSums sums;
    for (const std::uint32_t cell : cells)
        sums.add(lanes + std::size_t{cell} * ExcessOfHeads::kLanes);
    return sums;
}

}  // namespace

ExcessOfHeads::ExcessOfHeads(std::span<const std::span<const float>> heads)
    : heads_(heads.begin(), heads.end()) {
    const std::size_t num_cells = heads.empty() ? 0 : heads.front().size();
    const bool is_even =
        std::all_of(heads.begin(), heads.end(), [&](const auto& head) { return head.size() == num_cells; });
    if (heads.size() < 2 || num_cells > kMostLaneCells || !is_even) return;
    lanes_.resize((heads.size() + kLanes - 1) / kLanes);
    for (std::size_t group = 0; group < lanes_.size(); ++group) {
        lanes_[group].assign(num_cells * kLanes, 0.0f);
        for (std::size_t lane = 0; lane < std::min(kLanes, heads.size() - group * kLanes); ++lane) {
            const std::span<const float> head = heads[group * kLanes + lane];
            for (std::size_t cell = 0; cell < num_cells; ++cell)
                lanes_[group][cell * kLanes + lane] = head[cell];
        }
    }
}

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

void PermutedPairs::place_equal(std::size_t draw, std::vector<std::uint32_t>& cells) const {
    const auto num_tokens = static_cast<std::uint32_t>(num_tokens_);
    const std::uint32_t* place = places_.data() + draw * num_tokens;
    cells.resize(equal_.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::uint32_t a = place[equal_[i].first], b = place[equal_[i].second];
        const std::uint32_t key = std::min(a, b) + equal_offset_, query = std::max(a, b);
        // The token itself is no pair; cell 0 has no excess.
        cells[i] = key < query ? query * num_tokens + key : 0u;
    }
}

std::vector<std::vector<double>> PermutedPairs::lane_statistics(const float* lanes,
                                                                std::size_t num_heads) const {
    const std::size_t count =
        equal_.empty() ? pairs_.size() : static_cast<std::size_t>(num_permutations_) + 1;
    std::vector<std::vector<double>> out(num_heads, std::vector<double>(count));
    std::vector<std::uint32_t> cells;
    for (std::size_t draw = 0; draw < count; ++draw) {
        if (!equal_.empty()) place_equal(draw, cells);
        const LaneSums first = sum_cells(lanes, equal_.empty() ? pairs_[draw].group[0] : cells);
        LaneSums second;
        if (is_difference_) second = sum_cells(lanes, pairs_[draw].group[1]);
        for (std::size_t h = 0; h < num_heads; ++h) {
            out[h][draw] =
                is_difference_
                    ? std::abs(first.of(h) * pairs_[draw].weight[0] - second.of(h) * pairs_[draw].weight[1])
                    : first.of(h);
        }
    }
    return out;
}

std::vector<double> PermutedPairs::p_values(const ExcessOfHeads& heads) const {
    std::vector<double> out;
    const bool fits = std::all_of(heads.heads().begin(), heads.heads().end(), [&](const auto& excess) {
        return excess.size() == num_tokens_ * num_tokens_;
    });
    if (num_permutations_ == 0 || !fits) return out;
    const std::size_t num_heads = heads.heads().size();
    for (std::size_t begin = 0; begin < num_heads; begin += ExcessOfHeads::kLanes) {
        const std::size_t count = std::min(ExcessOfHeads::kLanes, num_heads - begin);
        const float* lanes = keys_.empty() ? heads.lanes(begin / ExcessOfHeads::kLanes) : nullptr;
        if (lanes != nullptr) {
            for (const std::vector<double>& statistics : lane_statistics(lanes, count))
                out.push_back(p_of(statistics));
            continue;
        }
        for (const std::span<const float> excess : heads.heads().subspan(begin, count))
            out.push_back(p_of(statistics_of(excess)));
    }
    return out;
}

std::optional<double> PermutedPairs::p_value(std::span<const float> excess) const {
    const std::vector<double> p = p_values({&excess, 1});
    return p.empty() ? std::nullopt : std::optional(p.front());
}

std::vector<double> PermutedPairs::statistics_of(std::span<const float> excess) const {
    std::vector<double> statistics;
    if (!equal_.empty()) {
        Pairs placed;
        for (std::size_t draw = 0; draw <= static_cast<std::size_t>(num_permutations_); ++draw) {
            place_equal(draw, placed.group[0]);
            statistics.push_back(statistic(placed, excess));
        }
        return statistics;
    }
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
