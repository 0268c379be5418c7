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

/// Pairs of labels with one id, the earlier first. A special first token is no copy of anything where the key
/// is that copy itself.
std::vector<std::pair<std::uint32_t, std::uint32_t>> equal_ids(std::span<const TokenLabel> labels,
                                                               int offset) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> out;
    for (std::uint32_t a = labels.front().is_special && offset == 0 ? 1 : 0; a < labels.size(); ++a) {
        for (std::uint32_t b = a + 1; b < labels.size(); ++b) {
            if (labels[a].id == labels[b].id) out.emplace_back(a, b);
        }
    }
    return out;
}

std::vector<float> excess_of(std::span<const float> matrix, const AttentionTrace& trace, int layer,
                             int num_queries, int num_columns) {
    const auto num_keys = static_cast<std::size_t>(num_columns);
    std::vector<float> excess(matrix.size(), 0.0f),
        even(trace.has_units() ? static_cast<std::size_t>(trace.num_keys()) : 0);
    const bool has_units = trace.has_units();
    for (int query = 0; query < num_queries; ++query) {
        KeyRange keys = trace.admissible(layer, query);
        keys.end = std::min(keys.end, num_columns);
        const float* row = matrix.data() + static_cast<std::size_t>(query) * num_keys;
        float* out = excess.data() + static_cast<std::size_t>(query) * num_keys;
        if (has_units) trace.even_rows(layer, query, query + 1, even);
        const auto share = [&](int key) {  // of an even head, up to a factor
            return has_units ? even[static_cast<std::size_t>(key)] : 1.0f;
        };
        double sum = 0, shares = 0;
        for (int key = std::max(1, keys.begin); key < keys.end; ++key) {
            if (key == query) continue;
            sum += row[key];
            shares += share(key);
        }
        if (shares <= 0 || !std::isfinite(sum)) continue;
        const auto mean = static_cast<float>(sum / shares);
        for (int key = std::max(1, keys.begin); key < keys.end; ++key) {
            if (key != query) out[key] = row[key] - mean * share(key);
        }
    }
    return excess;
}

}  // namespace

std::vector<float> excess_weights(std::span<const float> matrix, const AttentionTrace& trace, int layer) {
    return excess_of(matrix, trace, layer, trace.num_queries(), trace.num_keys());
}

std::vector<float> excess_weights(std::span<const float> matrix, const AttentionTrace& trace, int layer,
                                  int num_tokens) {
    return excess_of(matrix, trace, layer, num_tokens, num_tokens);
}

PermutedPairs::PermutedPairs(const DetectorDescriptor& detector, const TextLabels& labels, int most,
                             std::uint64_t seed, bool may_cut)
    : num_tokens_(labels.tokens.size()), is_difference_(detector.query_group != nullptr) {
    if (most <= 0 || num_tokens_ < 3 || detector.permutation == LabelPermutation::None) return;
    const std::size_t num_pairs = detector.pairs(labels).keys.size();
    if (num_pairs == 0) return;
    SplitMix random(seed);
    std::size_t count = static_cast<std::size_t>(most);
    if (detector.is_key == nullptr || is_difference_)
        count = std::min(count, std::max(kLeastPermutations, kMostPairs / num_pairs));
    if (detector.permutation == LabelPermutation::Shuffle) {
        add_equal_ids(detector, labels.tokens, count, random);
        num_permutations_ = equal_.empty() ? 0 : static_cast<int>(count);
        return;
    }
    const std::vector<std::size_t> shifts = draw_shifts(num_tokens_ - 1, count, random);
    if (detector.is_key != nullptr && !is_difference_ && labels.is_causal) {
        add_class(detector, labels.tokens, shifts);
        if (may_cut && shifts.size() < count) add_cut_classes(count - shifts.size(), random);
        num_permutations_ = static_cast<int>(keys_.size()) - 1;
        return;
    }
    add_shifts(detector, labels, shifts);
    num_permutations_ = static_cast<int>(shifts.size());
}

/// The pairs keep their tokens while these change places: only their positions are worked out anew.
void PermutedPairs::add_equal_ids(const DetectorDescriptor& detector, std::span<const TokenLabel> labels,
                                  std::size_t count, SplitMix& random) {
    equal_offset_ = static_cast<std::uint32_t>(detector.equal_id_offset);
    equal_ = equal_ids(labels, detector.equal_id_offset);
    std::vector<std::uint32_t> order(num_tokens_ - 1);
    std::iota(order.begin(), order.end(), 1u);
    places_.assign((count + 1) * num_tokens_, 0u);
    for (std::size_t draw = 0; draw <= count; ++draw) {
        if (draw > 0) random.shuffle(order);
        std::uint32_t* place = places_.data() + draw * num_tokens_;
        for (std::uint32_t i = 0; i < order.size(); ++i)
            place[order[i]] = i + 1;
    }
}

void PermutedPairs::add_shifts(const DetectorDescriptor& detector, const TextLabels& labels,
                               const std::vector<std::size_t>& shifts) {
    add_pairs(detector, labels);
    std::vector<TokenLabel> moved(labels.tokens.begin(), labels.tokens.end());
    std::vector<Token> words;  // rules of one's own read more than labels
    if (detector.own != nullptr) words.assign(labels.words.begin(), labels.words.end());
    const std::size_t length = moved.size() - 1;
    std::size_t now = 0;
    for (const std::size_t shift : shifts) {
        const std::size_t step = (shift + length - now) % length;
        std::rotate(moved.begin() + 1, moved.end() - static_cast<std::ptrdiff_t>(step), moved.end());
        if (words.size() == moved.size())
            std::rotate(words.begin() + 1, words.end() - static_cast<std::ptrdiff_t>(step), words.end());
        now = shift;
        add_pairs(detector, {moved, labels.is_causal, labels.is_characters, words});
    }
}

void PermutedPairs::add_pairs(const DetectorDescriptor& detector, const TextLabels& labels) {
    const KeySet set = detector.pairs(labels);
    Pairs pairs;
    std::size_t num_rows[2] = {0, 0};
    for (std::size_t query = 0; query < num_tokens_; ++query) {
        const int group = is_difference_ ? detector.query_group(labels.tokens[query]) : 0;
        if (group < 0) continue;
        ++num_rows[group];
        for (const std::uint32_t key : set.row(query))
            pairs.group[group].push_back(static_cast<std::uint32_t>(query * num_tokens_ + key));
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

/// Runs of the labels in another order: fewer neighbours are parted than by shuffling token by token.
void PermutedPairs::add_cut_classes(std::size_t count, SplitMix& random) {
    constexpr std::size_t kRuns = 12;  // few orders of them leave most labels where they are
    const std::vector<std::uint8_t> unmoved = keys_.front();
    const std::size_t length = num_tokens_ - 1;
    for (std::size_t draw = 0; draw < count; ++draw) {
        std::vector<std::size_t> cuts = {0, length};
        for (std::size_t i = 1; i < kRuns; ++i)
            cuts.push_back(random.below(length));
        std::sort(cuts.begin(), cuts.end());
        std::vector<std::size_t> runs(kRuns);
        std::iota(runs.begin(), runs.end(), std::size_t{0});
        random.shuffle(runs);
        std::vector<std::uint8_t> moved = {unmoved.front()};
        moved.reserve(num_tokens_);
        for (const std::size_t run : runs) {
            moved.insert(moved.end(), unmoved.begin() + 1 + static_cast<std::ptrdiff_t>(cuts[run]),
                         unmoved.begin() + 1 + static_cast<std::ptrdiff_t>(cuts[run + 1]));
        }
        keys_.push_back(std::move(moved));
    }
}

}  // namespace headlight
