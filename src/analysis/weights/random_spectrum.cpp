#include "analysis/weights/random_spectrum.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include "analysis/weights/spectral_measures.h"
#include "analysis/weights/spectrum.h"

namespace headlight {
namespace {

constexpr int kLargestSimulated = 256;
constexpr int kLargestDirect = 512;

/// The R factor of a Gaussian [rows, k] matrix: chi-distributed diagonal, normal above it (Bartlett 1933).
Matrix gaussian_triangle(int rows, int k, std::mt19937_64& random) {
    std::normal_distribution<double> normal;
    Matrix triangle(k, k);
    for (int i = 0; i < k; ++i) {
        std::gamma_distribution<double> half_chi_squared(0.5 * (rows - i), 2.0);
        triangle.at(i, i) = static_cast<float>(std::sqrt(half_chi_squared(random)));
        for (int j = i + 1; j < k; ++j)
            triangle.at(i, j) = static_cast<float>(normal(random));
    }
    return triangle;
}

Matrix gaussian(int rows, int cols, std::mt19937_64& random) {
    std::normal_distribution<double> normal;
    Matrix matrix(rows, cols);
    for (float& value : matrix.values)
        value = static_cast<float>(normal(random));
    return matrix;
}

SpectralReference simulate(int hidden_size, int head_dim) {
    const int num_draws = std::clamp(2048 / head_dim, 4, 64);  // the measures average over k values already
    std::mt19937_64 random(0x48454144u);
    double sums[5] = {};
    for (int draw = 0; draw < num_draws; ++draw) {
        // With k > d the factors have no triangle of size k: draw them whole.
        const bool is_thin = head_dim <= hidden_size;
        const Matrix a = is_thin ? gaussian_triangle(hidden_size, head_dim, random)
                                 : gaussian(hidden_size, head_dim, random);
        const Matrix b = is_thin ? gaussian_triangle(hidden_size, head_dim, random)
                                 : gaussian(hidden_size, head_dim, random);
        const std::vector<double> sigma = singular_values_of_product(a, b);
        const std::optional<double> values[5] = {concentration(sigma), effective_rank(sigma),
                                                 participation_ratio(sigma), stable_rank(sigma),
                                                 top5_share(sigma)};
        for (int i = 0; i < 5; ++i)
            sums[i] += values[i].value_or(0.0) / num_draws;
    }
    return {sums[0], sums[1], sums[2], sums[3], sums[4]};
}

/// Large shapes: at a fixed ratio of the sizes ranks grow like k, and shares of single directions fall like 1
/// / k.
SpectralReference simulate_scaled(int hidden_size, int head_dim) {
    const double scale = static_cast<double>(head_dim) / kLargestSimulated;
    SpectralReference small = simulate(static_cast<int>(std::lround(hidden_size / scale)), kLargestSimulated);
    return {*small.concentration / scale, *small.effective_rank * scale, *small.participation_ratio * scale,
            *small.stable_rank * scale, *small.top5_share / scale};
}

/// One factor: the singular values of a triangle are those of its product with the identity.
std::optional<double> simulate_factor(int hidden_size, int head_dim) {
    if (head_dim < 1 || hidden_size < head_dim) return std::nullopt;
    const double scale = std::max(1.0, static_cast<double>(head_dim) / kLargestSimulated);
    const int k = std::min(head_dim, kLargestSimulated),
              rows = static_cast<int>(std::lround(hidden_size / scale));
    const int num_draws = std::clamp(2048 / k, 4, 64);
    std::mt19937_64 random(0x48454146u);
    Matrix identity(k, k);
    for (int i = 0; i < k; ++i)
        identity.at(i, i) = 1;
    double sum = 0;
    for (int draw = 0; draw < num_draws; ++draw)
        sum += effective_rank(singular_values_of_product(gaussian_triangle(rows, k, random), identity))
                   .value_or(0.0);
    return sum / num_draws * scale;
}

SpectralReference compute(int hidden_size, int head_dim) {
    if (hidden_size < 1 || head_dim < 1) return {};
    if (head_dim > hidden_size && head_dim > kLargestDirect) return {};
    if (head_dim <= hidden_size && head_dim > kLargestSimulated)
        return simulate_scaled(hidden_size, head_dim);
    return simulate(hidden_size, head_dim);
}

/// compute(hidden_size, head_dim), remembered. Every `Compute` is a memory of its own.
template <class Value, Value (*Compute)(int, int)>
Value remembered(int hidden_size, int head_dim) {
    static std::mutex mutex;
    static std::map<std::pair<int, int>, Value> known;
    const std::lock_guard lock(mutex);
    const auto [entry, is_new] = known.try_emplace({hidden_size, head_dim});
    if (is_new) entry->second = Compute(hidden_size, head_dim);
    return entry->second;
}

}  // namespace

SpectralReference random_product_measures(int hidden_size, int head_dim) {
    return remembered<SpectralReference, compute>(hidden_size, head_dim);
}

std::optional<double> random_factor_effective_rank(int hidden_size, int head_dim) {
    return remembered<std::optional<double>, simulate_factor>(hidden_size, head_dim);
}

}  // namespace headlight
