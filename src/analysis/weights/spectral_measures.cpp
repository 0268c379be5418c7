#include "analysis/weights/spectral_measures.h"

#include <algorithm>
#include <cmath>

namespace headlight {
namespace {

struct Sums {
    double values = 0, squares = 0;
    bool is_usable() const { return std::isfinite(squares) && squares > 0; }
};

Sums sums_of(std::span<const double> sigma) {
    Sums sums;
    for (const double value : sigma) {
        sums.values += value;
        sums.squares += value * value;
    }
    return sums;
}

}  // namespace

std::optional<double> concentration(std::span<const double> sigma) {
    const Sums sums = sums_of(sigma);
    if (!sums.is_usable()) return std::nullopt;
    return sigma.front() / sums.values;
}

std::optional<double> effective_rank(std::span<const double> sigma) {
    const Sums sums = sums_of(sigma);
    if (!sums.is_usable()) return std::nullopt;
    double entropy = 0;
    for (const double value : sigma) {
        const double share = value / sums.values;
        if (share > 0) entropy -= share * std::log(share);
    }
    return std::exp(entropy);
}

std::optional<double> participation_ratio(std::span<const double> sigma) {
    const Sums sums = sums_of(sigma);
    if (!sums.is_usable()) return std::nullopt;
    return sums.values * sums.values / sums.squares;
}

std::optional<double> stable_rank(std::span<const double> sigma) {
    const Sums sums = sums_of(sigma);
    if (!sums.is_usable()) return std::nullopt;
    return sums.squares / (sigma.front() * sigma.front());
}

std::optional<double> top5_share(std::span<const double> sigma) {
    const Sums sums = sums_of(sigma);
    if (!sums.is_usable()) return std::nullopt;
    const Sums top = sums_of(sigma.first(std::min<std::size_t>(5, sigma.size())));
    return std::min(1.0, top.squares / sums.squares);
}

}  // namespace headlight
