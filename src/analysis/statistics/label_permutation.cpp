#include "analysis/statistics/label_permutation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/statistics/split_mix.h"

namespace headlight {
namespace {

/// Bounds the memory of all arrangements of one detector.
constexpr std::size_t kMostPairs = 4'000'000;
constexpr std::size_t kLeastPermutations = 99;

/// Circular shifts of the labels behind key 0, without the one that changes nothing.
std::vector<std::size_t> draw_shifts(std::size_t num_labels, std::size_t most, SplitMix& random) {
    std::vector<std::size_t> shifts(num_labels > 0 ? num_labels - 1 : 0);
    std::iota(shifts.begin(), shifts.end(), std::size_t{1});
    if (shifts.size() > most) {
        random.shuffle(shifts);
        shifts.resize(most);
    }
    return shifts;
}

std::vector<TokenLabel> shifted(std::span<const TokenLabel> labels, std::size_t shift) {
    std::vector<TokenLabel> moved(labels.begin(), labels.end());
    if (moved.size() > 1)
        std::rotate(moved.begin() + 1, moved.end() - static_cast<std::ptrdiff_t>(shift), moved.end());
    return moved;
}

}  // namespace

std::vector<float> excess_weights(std::span<const float> matrix, const AttentionTrace& trace, int layer) {
    const auto num_keys = static_cast<std::size_t>(trace.num_keys());
    std::vector<float> excess(matrix.size(), 0.0f);
    for (int query = 0; query < trace.num_queries(); ++query) {
        const KeyRange keys = trace.admissible(layer, query);
        const float* row = matrix.data() + static_cast<std::size_t>(query) * num_keys;
        float* out = excess.data() + static_cast<std::size_t>(query) * num_keys;
        double sum = 0;
        int count = 0;
        for (int key = std::max(1, keys.begin); key < keys.end; ++key) {
            if (key == query) continue;
            sum += row[key];
            ++count;
        }
        if (count == 0 || !std::isfinite(sum)) continue;
        const auto mean = static_cast<float>(sum / count);
        for (int key = std::max(1, keys.begin); key < keys.end; ++key) {
            if (key != query) out[key] = row[key] - mean;
        }
    }
    return excess;
}

PermutedPairs::PermutedPairs(const DetectorDescriptor& detector, const TextLabels& labels, int most,
                             std::uint64_t seed)
    : num_tokens_(labels.tokens.size()), is_difference_(detector.query_group != nullptr) {
    if (most <= 0 || num_tokens_ < 3 || detector.permutation == LabelPermutation::None) return;
    const std::size_t num_pairs = detector.key_set(labels).keys.size();
    if (num_pairs == 0) return;
    SplitMix random(seed);
    std::size_t count = static_cast<std::size_t>(most);
    if (detector.is_key == nullptr || is_difference_)
        count = std::min(count, std::max(kLeastPermutations, kMostPairs / num_pairs));
    if (detector.permutation == LabelPermutation::Shift) {
        const std::vector<std::size_t> shifts = draw_shifts(num_tokens_ - 1, count, random);
        num_permutations_ = static_cast<int>(shifts.size());
        if (detector.is_key != nullptr && !is_difference_ && labels.is_causal) {
            add_class(detector, labels.tokens, shifts);
            return;
        }
        add_pairs(detector, labels);
        for (const std::size_t shift : shifts) {
            const std::vector<TokenLabel> moved = shifted(labels.tokens, shift);
            add_pairs(detector, {moved, labels.is_causal, labels.is_characters});
        }
        return;
    }
    add_pairs(detector, labels);
    num_permutations_ = static_cast<int>(count);
    std::vector<TokenLabel> behind_first(labels.tokens.begin() + 1, labels.tokens.end());
    for (std::size_t permutation = 0; permutation < count; ++permutation) {
        random.shuffle(behind_first);
        std::vector<TokenLabel> moved = {labels.tokens.front()};
        moved.insert(moved.end(), behind_first.begin(), behind_first.end());
        add_pairs(detector, {moved, labels.is_causal, labels.is_characters});
    }
}

void PermutedPairs::add_pairs(const DetectorDescriptor& detector, const TextLabels& labels) {
    const KeySet set = detector.key_set(labels);
    Pairs pairs;
    std::size_t num_rows[2] = {0, 0};
    for (std::size_t query = 0; query < num_tokens_; ++query) {
        const int group = is_difference_ ? detector.query_group(labels.tokens[query]) : 0;
        if (group < 0) continue;
        ++num_rows[group];
        for (std::size_t i = set.row_begin[query]; i < set.row_begin[query + 1]; ++i)
            pairs.group[group].push_back(static_cast<std::uint32_t>(query * num_tokens_ + set.keys[i]));
    }
    for (int group = 0; group < 2 && is_difference_; ++group)
        pairs.weight[group] = num_rows[group] == 0 ? 0.0 : 1.0 / static_cast<double>(num_rows[group]);
    pairs_.push_back(std::move(pairs));
}

void PermutedPairs::add_class(const DetectorDescriptor& detector, std::span<const TokenLabel> labels,
                              const std::vector<std::size_t>& shifts) {
    std::vector<std::uint8_t> is_key;
    for (const TokenLabel& label : labels)
        is_key.push_back(detector.is_key(label) ? 1 : 0);
    is_key[0] = 0;
    keys_.push_back(is_key);
    for (const std::size_t shift : shifts) {
        keys_.push_back(is_key);
        std::vector<std::uint8_t>& moved = keys_.back();
        std::rotate(moved.begin() + 1, moved.end() - static_cast<std::ptrdiff_t>(shift), moved.end());
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

std::optional<double> PermutedPairs::p_value(std::span<const float> excess) const {
    if (num_permutations_ == 0 || excess.size() != num_tokens_ * num_tokens_) return std::nullopt;
    std::vector<double> statistics;
    if (keys_.empty()) {
        for (const Pairs& pairs : pairs_)
            statistics.push_back(statistic(pairs, excess));
    } else {
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
    }
    // Sums in another order must count as ties.
    const double bound = statistics[0] - 1e-6 * (1.0 + std::abs(statistics[0]));
    const auto as_large =
        std::count_if(statistics.begin() + 1, statistics.end(), [&](double value) { return value >= bound; });
    return (1.0 + static_cast<double>(as_large)) / (1.0 + num_permutations_);
}

}  // namespace headlight
