// What is read from the weights of a head: singular values of W_QK, W_OV and their four factors, eigenvalues
// of W_OV. From thin factors, never from the d x d product.
#pragma once

#include <span>
#include <vector>

#include "analysis/metric.h"
#include "core/head_weights.h"
#include "core/matrix.h"

namespace headlight {

/// Singular values of A B^T, descending, where A and B are [d, k]: thin QR of both, then the SVD of the k x k
/// matrix R_A R_B^T (identical non-zero values, no squared condition number). k values; NaN where a factor is
/// not finite, empty where the shapes do not fit.
std::vector<double> singular_values_of_product(const Matrix& a, const Matrix& b);

/// Which parts of a HeadSpectrum are wanted beside qk, ov and column_bias.
struct SpectrumParts {
    bool folded = true;          // folded_qk, folded_ov
    bool single_factors = true;  // query, key, value, output
    bool eigenvalues = true;     // ov_copying
};

/// Everything of one head. Rotary models: the form of distance 0, see rotary_spectra. A factor that does not
/// fit the others leaves its parts empty.
HeadSpectrum compute_spectrum(const HeadWeights& weights, const SpectrumParts& parts = {});

/// The same for heads of one layer in order; neighbours with equal key and value (grouped queries) share
/// their work.
std::vector<HeadSpectrum> compute_spectra(std::span<const HeadWeights> heads,
                                          const SpectrumParts& parts = {});

/// How a rotary model turns the vectors of query and key.
struct RotarySettings {
    double theta = 10000;
    int rotary_dim = 0;  // how many of the head's first values turn; 0 = all
    bool is_interleaved =
        false;  // pairs are neighbours (2m, 2m + 1) instead of halves (m, m + rotary_dim / 2)
};

/// Singular values of W_Q R_delta W_K^T, delta = query - key in tokens, for each delta: with rotation there
/// is one QK form a distance. R turns pair m by delta theta^(-2m / rotary_dim). [deltas][head_dim],
/// descending; empty where the factors or the settings do not fit.
std::vector<std::vector<double>> rotary_spectra(const HeadWeights& weights, const RotarySettings& rotary,
                                                std::span<const int> deltas);

}  // namespace headlight
