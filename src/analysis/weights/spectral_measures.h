// Measures of a spectrum: how many directions a weight matrix uses.
// All take the full spectrum, descending; nullopt for a zero, empty or non-finite one.
#pragma once

#include <optional>
#include <span>

namespace headlight {

/// sigma_1 / sum sigma, in [1/r, 1].
std::optional<double> concentration(std::span<const double> sigma);
/// exp of the entropy of sigma / sum sigma (Roy and Vetterli 2007), in [1, rank].
std::optional<double> effective_rank(std::span<const double> sigma);
/// (sum sigma)^2 / sum sigma^2, in [1, effective rank].
std::optional<double> participation_ratio(std::span<const double> sigma);
/// sum sigma^2 / sigma_1^2, in [1, rank].
std::optional<double> stable_rank(std::span<const double> sigma);
/// Share of sum sigma^2 in the five largest, in [min(5, r) / r, 1].
std::optional<double> top5_share(std::span<const double> sigma);

}  // namespace headlight
