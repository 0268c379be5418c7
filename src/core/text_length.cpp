#include "core/text_length.h"

#include <cmath>
#include <unordered_map>

#include "base/memory.h"

namespace headlight {
namespace {

constexpr double kBytesPerFloat = sizeof(float), kBytesPerKey = sizeof(std::uint32_t);
// The sets of copies and of what followed a copy, each held by the request and by the result.
constexpr double kKeySets = 2, kHolders = 2;
constexpr double kShareOfMemory = 0.75;  // the rest is for what is not counted here
constexpr double kMostPairs = 4294967295.0;  // rows of a key set begin at a number of 32 bits

/// Pairs of an earlier and a later token of one id: what the key sets of copies hold.
double count_equal_pairs(std::span<const std::int32_t> ids) {
    std::unordered_map<std::int32_t, double> counts;
    double pairs = 0;
    for (const std::int32_t id : ids)
        pairs += counts[id]++;
    return pairs;
}

/// Queries, keys and values of every layer for one token.
double bytes_per_token(const ModelSpec& spec, TextRole role) {
    const bool is_decoder = role == TextRole::Decoder;
    const double layers = is_decoder ? spec.num_decoder_layers : spec.num_layers;
    const double heads = is_decoder ? spec.num_decoder_heads : spec.num_heads;
    const double kv_heads = !is_decoder && spec.num_kv_heads > 0 ? spec.num_kv_heads : heads;
    return layers * (heads + 2 * kv_heads) * spec.head_dim * kBytesPerFloat;
}

}  // namespace

Status check_text_length(const ModelSpec& spec, std::span<const std::int32_t> ids, TextRole role,
                         const TextCost& cost) {
    return check_text_length(spec, ids, role, cost, available_memory());
}

Status check_text_length(const ModelSpec& spec, std::span<const std::int32_t> ids, TextRole role,
                         const TextCost& cost, std::uint64_t available_bytes) {
    const auto count = static_cast<double>(ids.size());
    const int most = role == TextRole::Decoder ? spec.most_decoder_tokens : spec.most_tokens;
    const char* const text = role == TextRole::Decoder ? "decoder text" : "text";
    if (most > 0 && ids.size() > static_cast<std::size_t>(most)) {
        return fail(ErrorKind::InvalidInput,
                    "the {} has {} tokens, {} takes at most {}; shorten it by {} tokens", text, ids.size(),
                    spec.name, most, ids.size() - static_cast<std::size_t>(most));
    }
    const double pairs = role == TextRole::Input ? count_equal_pairs(ids) : 0;
    const double linear = count * bytes_per_token(spec, role);
    const double square = count * count * static_cast<double>(spec.pair_bytes + cost.pair_bytes) +
                          kKeySets * kHolders * kBytesPerKey * pairs;
    const double free = static_cast<double>(available_bytes), available = kShareOfMemory * free;
    if (linear + square <= available && pairs <= kMostPairs) return {};
    // Half of what would fit, in round numbers: the estimate is of what is certain to be built, not of all.
    const double fits =
        0.5 * std::min(std::sqrt(available / (square / (count * count))), available / (linear / count));
    const double step = std::pow(10, std::floor(std::log10(std::max(1.0, fits))));
    return fail(ErrorKind::OutOfMemory,
                "the {} has {} tokens: a run of {} would build {:.1f} GB for it, {:.1f} GB are free; shorten "
                "it to about {} "
                "tokens",
                text, ids.size(), spec.name, (linear + square) * 1e-9, free * 1e-9,
                std::floor(fits / step) * step);
}

}  // namespace headlight
