#include "study/validation/states.h"

#include <algorithm>
#include <cmath>

namespace headlight {
namespace {

std::vector<double> norms_of(const Matrix& states) {
    std::vector<double> norms;
    for (std::int64_t i = 0; i < states.rows; ++i) {
        double square = 0;
        for (const float value : states.row(i))
            square += static_cast<double>(value) * value;
        norms.push_back(std::sqrt(square));
    }
    return norms;
}

double dot(std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += static_cast<double>(a[i]) * b[i];
    return sum;
}

}  // namespace

std::optional<double> mean_cosine_distance(const Matrix& states) {
    const std::vector<double> norms = norms_of(states);
    if (states.rows < 2 || *std::min_element(norms.begin(), norms.end()) <= 0) return std::nullopt;
    std::vector<double> mean(static_cast<std::size_t>(states.cols), 0.0);
    const auto n = static_cast<double>(states.rows);
    for (std::int64_t i = 0; i < states.rows; ++i) {
        const auto row = states.row(i);
        for (std::size_t c = 0; c < mean.size(); ++c)
            mean[c] += row[c] / norms[static_cast<std::size_t>(i)] / n;
    }
    double square = 0;
    for (const double value : mean)
        square += value * value;
    return n / (n - 1) * (1 - square);
}

std::vector<double> cosine_distances(const Matrix& states, int num_items) {
    const std::vector<double> norms = norms_of(states);
    const auto n = static_cast<std::size_t>(num_items);
    std::vector<double> out(n * n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = i + 1; k < n; ++k) {
            const double length = norms[i] * norms[k];
            const double cosine = length > 0 ? dot(states.row(static_cast<std::int64_t>(i)),
                                                   states.row(static_cast<std::int64_t>(k))) /
                                                   length
                                             : 0.0;
            out[i * n + k] = out[k * n + i] = 1 - cosine;
        }
    }
    return out;
}

double mean_euclidean_distance(const Matrix& states) {
    const std::vector<double> norms = norms_of(states);
    const auto n = static_cast<std::size_t>(states.rows);
    if (n == 0) return 0;
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = i + 1; k < n; ++k) {
            const double product =
                dot(states.row(static_cast<std::int64_t>(i)), states.row(static_cast<std::int64_t>(k)));
            sum += 2 * std::sqrt(std::max(0.0, norms[i] * norms[i] + norms[k] * norms[k] - 2 * product));
        }
    }
    return sum / (static_cast<double>(n) * static_cast<double>(n));
}

double fisher_combined(std::span<const double> p_values) {
    // -2 sum ln p is chi-squared with 2k degrees of freedom; for even degrees its tail is a finite sum.
    double half = 0;
    for (const double p : p_values)
        half -= std::log(std::max(p, 1e-300));
    double term = std::exp(-half), tail = 0;
    for (std::size_t k = 0; k < p_values.size(); ++k) {
        tail += term;
        term *= half / static_cast<double>(k + 1);
    }
    return std::min(1.0, tail);
}

}  // namespace headlight
