#include <algorithm>
#include <numeric>
#include <random>

#include "analysis/probes/probe.h"

namespace headlight {
namespace {

constexpr std::size_t kLeastOrdinary = 4;
constexpr std::size_t kTrimmedPart = 20;  // a twentieth at each end

/// Ids that may stand in a block.
std::vector<std::int32_t> ordinary_ids(int vocab_size, std::int32_t bos_id,
                                       const std::vector<bool>& excluded) {
    std::vector<std::int32_t> ids;
    for (std::int32_t id = 0; id < vocab_size; ++id) {
        const auto index = static_cast<std::size_t>(id);
        if (id != bos_id && (index >= excluded.size() || !excluded[index])) ids.push_back(id);
    }
    const auto trimmed = static_cast<std::ptrdiff_t>(ids.size() / kTrimmedPart);
    return {ids.begin() + trimmed, ids.end() - trimmed};
}

/// Uniform in [0, bound), the same on every standard library.
std::size_t draw_below(std::size_t bound, std::mt19937_64& random) {
    const std::uint64_t limit = std::mt19937_64::max() - std::mt19937_64::max() % bound;
    std::uint64_t value = random();
    while (value >= limit)
        value = random();
    return static_cast<std::size_t>(value % bound);
}

}  // namespace

std::vector<std::vector<std::int32_t>> random_repeat_sequences(int vocab_size, std::int32_t bos_id,
                                                               const std::vector<bool>& excluded,
                                                               const ProbeSettings& settings) {
    std::vector<std::int32_t> pool = ordinary_ids(vocab_size, bos_id, excluded);
    if (pool.size() < kLeastOrdinary || settings.block_length < 1 || settings.num_sequences < 1) return {};
    const std::size_t block_length = std::min(pool.size(), static_cast<std::size_t>(settings.block_length));
    std::mt19937_64 random(settings.seed);
    std::vector<std::vector<std::int32_t>> sequences;
    for (int s = 0; s < settings.num_sequences; ++s) {
        for (std::size_t i = 0; i < block_length; ++i)
            std::swap(pool[i], pool[i + draw_below(pool.size() - i, random)]);
        std::vector<std::int32_t> sequence;
        if (bos_id >= 0) sequence.push_back(bos_id);
        for (int copy = 0; copy < 2; ++copy) {
            sequence.insert(sequence.end(), pool.begin(),
                            pool.begin() + static_cast<std::ptrdiff_t>(block_length));
        }
        sequences.push_back(std::move(sequence));
    }
    return sequences;
}

}  // namespace headlight
