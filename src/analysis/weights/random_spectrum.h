// What the spectrum measures read on random weights: the reference line beside a head's own.
#pragma once

#include <optional>

namespace headlight {

inline constexpr const char* kRandomWeights = "random weights";

/// Mean measures of A B^T with independent Gaussian A and B of one shape; nullopt for an impossible shape.
struct SpectralReference {
    std::optional<double> concentration, effective_rank, participation_ratio, stable_rank, top5_share;
};

/// For A, B of [hidden_size, head_dim]: simulated once per shape with a fixed seed, then remembered.
/// Thread-safe. The triangular factors are drawn directly (Bartlett), so the cost does not grow with
/// hidden_size; above 256 head dimensions the ratio of the two sizes is kept and the result scaled.
SpectralReference random_product_measures(int hidden_size, int head_dim);

/// Mean effective rank of one Gaussian matrix of [hidden_size, head_dim], by the same means.
std::optional<double> random_factor_effective_rank(int hidden_size, int head_dim);

}  // namespace headlight
