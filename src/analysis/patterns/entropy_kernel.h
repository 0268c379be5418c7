// Sums of m ln m over many values at once: what comparing every head with every other spends its time in.
#pragma once

namespace headlight::kernels {

/// -sum m ln m over m = (a + b) / 2 of `size` values that are at least 0 (0 ln 0 = 0), nats. Logarithms are
/// good to 1e-7 relative; the same values give the same sum, so mixed_entropy(a, a) minus itself is exactly
/// 0.
double mixed_entropy(const float* a, const float* b, int size);

}  // namespace headlight::kernels
