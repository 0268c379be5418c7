#include "core/text_length.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/memory.h"

namespace headlight {
namespace {

constexpr double kBytesPerKey = sizeof(std::uint32_t);
// The sets of copies and of what followed a copy, each held by the request and by the result.
constexpr double kKeySets = 2, kHolders = 2;
constexpr double kShareOfMemory = 0.75;      // the rest is for what is not counted here
constexpr double kMostPairs = 4294967295.0;  // rows of a key set begin at a number of 32 bits

/// Pairs of an earlier and a later token of one id: what the key sets of copies hold.
double count_equal_pairs(std::span<const std::int32_t> ids) {
    std::unordered_map<std::int32_t, double> counts;
    double pairs = 0;
    for (const std::int32_t id : ids)
        pairs += counts[id]++;
    return pairs;
}

}  // namespace

Status check_text_length(const TextNeeds& needs, std::span<const std::int32_t> ids) {
    return check_text_length(needs, ids, available_memory());
}

Status check_text_length(const TextNeeds& needs, std::span<const std::int32_t> ids,
                         std::uint64_t available_bytes) {
    const auto count = static_cast<double>(ids.size());
    if (needs.most_tokens > 0 && ids.size() > static_cast<std::size_t>(needs.most_tokens)) {
        return fail(ErrorKind::InvalidInput,
                    "the {} has {} tokens, {} takes at most {}; shorten it by {} tokens", needs.text,
                    ids.size(), needs.model, needs.most_tokens,
                    ids.size() - static_cast<std::size_t>(needs.most_tokens));
    }
    const double pairs = needs.has_key_sets ? count_equal_pairs(ids) : 0;
    const double linear = count * needs.token_bytes;
    const double square = count * count * needs.pair_bytes + kKeySets * kHolders * kBytesPerKey * pairs;
    const double free = static_cast<double>(available_bytes), available = kShareOfMemory * free;
    if (linear + square <= available && pairs <= kMostPairs) return {};
    // Half of what would fit, in round numbers: the estimate is of what is certain to be built, not of all.
    const double fits =
        0.5 * std::min(std::sqrt(available / (square / (count * count))), available / (linear / count));
    const double step = std::pow(10, std::floor(std::log10(std::max(1.0, fits))));
    return fail(
        ErrorKind::OutOfMemory,
        "the {} has {} tokens: for so many a run of {} builds {:.1f} GB, {:.1f} GB are free; shorten it to "
        "about {} tokens",
        needs.text, ids.size(), needs.model, (linear + square) * 1e-9, free * 1e-9,
        std::floor(fits / step) * step);
}

}  // namespace headlight
