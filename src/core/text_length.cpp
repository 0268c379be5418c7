#include "core/text_length.h"

#include <algorithm>
#include <cmath>

#include "base/memory.h"

namespace headlight {
namespace {

constexpr double kShareOfMemory = 0.75;  // the rest is for what is not counted here

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
    const double linear = count * needs.token_bytes;
    const double square = count * count * needs.pair_bytes;
    const double free = static_cast<double>(available_bytes), available = kShareOfMemory * free;
    if (linear + square <= available) return {};
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
