#include "train/data/batch_sampler.h"

#include <algorithm>
#include <cmath>

namespace headlight {
namespace {

constexpr int kShortestBlock = 4;
constexpr double kLeadingTextShare = 0.5;  // of repeat rows: so that the place of the block varies
constexpr int kLongestLeadingText = 32;
constexpr double kGapShare = 0.1;  // before a copy: so that the distance is not constant
constexpr int kLongestGap = 16;
constexpr double kNewBlockShare = 0.05;     // after a copy
constexpr double kShuffledTextShare = 0.2;  // of random-repeat rows: blocks with the frequencies of text

}  // namespace

void BatchSampler::Row::append(std::span<const std::int32_t> ids, std::size_t num_masked) {
    tokens.insert(tokens.end(), ids.begin(), ids.end());
    for (std::size_t i = 0; i < ids.size(); ++i)
        targets.push_back(i < num_masked ? kMaskedTarget : ids[i]);
}

std::vector<std::int32_t> BatchSampler::text_window(std::size_t length) {
    const auto begin =
        corpus_.train.begin() + static_cast<std::ptrdiff_t>(random_.below(corpus_.train.size() - length));
    return {begin, begin + static_cast<std::ptrdiff_t>(length)};
}

std::vector<std::int32_t> BatchSampler::random_block(std::size_t length, int alphabet) {
    const std::span<const std::int32_t> pool =
        std::span(corpus_.by_frequency).first(static_cast<std::size_t>(alphabet));
    std::vector<std::int32_t> block;
    while (block.size() < length) {  // longer than the alphabet: each id once before any comes again
        const auto part = random_.draw_distinct(pool, std::min(length - block.size(), pool.size()));
        block.insert(block.end(), part.begin(), part.end());
    }
    return block;
}

std::vector<std::int32_t> BatchSampler::shuffled_block(std::size_t length) {
    return random_.draw_distinct(text_window(2 * length), length);
}

std::size_t BatchSampler::block_length(int longest) {
    const double low = std::log(static_cast<double>(kShortestBlock));
    const double high = std::log(longest + 1.0);
    const auto length = static_cast<std::size_t>(std::exp(low + (high - low) * random_.uniform()));
    return std::clamp(length, static_cast<std::size_t>(kShortestBlock), static_cast<std::size_t>(longest));
}

BatchSampler::Row BatchSampler::text_row(const StepPlan& plan) {
    Row row{{bos_id_}, {bos_id_}};
    row.append(text_window(static_cast<std::size_t>(plan.length)), 0);
    return row;
}

BatchSampler::Row BatchSampler::repeat_row(const StepPlan& plan, bool is_random) {
    Row row{{bos_id_}, {bos_id_}};
    if (random_.uniform() < kLeadingTextShare) {
        row.append(text_window(1 + random_.below(kLongestLeadingText)), 0);
    }
    const bool is_shuffled_text = is_random && random_.uniform() < kShuffledTextShare;
    const auto draw_block = [&] {
        const std::size_t length = block_length(plan.longest_block);
        if (!is_random) return text_window(length);
        return is_shuffled_text ? shuffled_block(length) : random_block(length, plan.alphabet);
    };
    std::vector<std::int32_t> block = draw_block();
    bool is_first_copy = true;
    while (row.tokens.size() <= static_cast<std::size_t>(plan.length)) {
        if (!is_first_copy && random_.uniform() < kGapShare)
            row.append(text_window(1 + random_.below(kLongestGap)), 0);
        // Of a random block nothing can be predicted the first time, nor where a later copy begins.
        const std::size_t num_masked = !is_random ? 0 : is_first_copy ? block.size() : 1;
        row.append(block, num_masked);
        is_first_copy = false;
        if (random_.uniform() < kNewBlockShare) {
            block = draw_block();
            is_first_copy = true;
        }
    }
    return row;
}

Batch BatchSampler::draw(const StepPlan& plan) {
    Batch batch = draw_rows(plan);
    // A small batch may hold first copies only; there is nothing to learn from it.
    while (std::ranges::all_of(batch.targets, [](auto target) { return target == kMaskedTarget; }))
        batch = draw_rows(plan);
    return batch;
}

Batch BatchSampler::draw_rows(const StepPlan& plan) {
    Batch batch{plan.num_rows, plan.length, {}, {}};
    for (int r = 0; r < plan.num_rows; ++r) {
        const double u = random_.uniform();
        const bool is_random = u < plan.random_share;
        const bool is_repeat = u < plan.random_share + plan.text_repeat_share;
        const Row row = is_repeat ? repeat_row(plan, is_random) : text_row(plan);
        batch.inputs.insert(batch.inputs.end(), row.tokens.begin(), row.tokens.begin() + plan.length);
        batch.targets.insert(batch.targets.end(), row.targets.begin() + 1,
                             row.targets.begin() + 1 + plan.length);
    }
    return batch;
}

}  // namespace headlight
