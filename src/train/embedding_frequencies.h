// How much of the number embeddings lies in few frequencies around the circle: models that generalise on
// modular addition compute with a handful of them (Nanda et al. 2023).
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

namespace headlight {

/// Share of the embeddings' power (the constant part left out) in the five strongest frequencies of the
/// discrete Fourier transform along the numbers. `table` is [at least modulus, hidden] float32. nullopt for a
/// constant table.
std::optional<double> top_frequency_share(const at::Tensor& table, int modulus);

}  // namespace headlight
