#include "analysis/statistics/scaling.h"

#include <algorithm>
#include <cmath>

#include "analysis/linear_algebra/symmetric_eigen.h"

namespace headlight {
namespace {

/// Eigenvalues below this share of the largest are rounding.
constexpr double kRounding = 1e-12;

/// -1/2 J D^2 J with J = I - 11^T / n.
std::vector<double> centred_squares(const std::vector<double>& distances, std::size_t size) {
    std::vector<double> out(size * size), row_mean(size);
    double mean = 0;
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t j = 0; j < size; ++j) {
            const double square = distances[i * size + j] * distances[i * size + j];
            out[i * size + j] = square;
            row_mean[i] += square / static_cast<double>(size);
        }
        mean += row_mean[i] / static_cast<double>(size);
    }
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t j = 0; j < size; ++j)
            out[i * size + j] = -0.5 * (out[i * size + j] - row_mean[i] - row_mean[j] + mean);
    }
    return out;
}

}  // namespace

std::optional<PlaneMap> scale_to_plane(const std::vector<double>& distances, int size) {
    const auto count = static_cast<std::size_t>(std::max(0, size));
    if (size < 1 || distances.size() != count * count) return std::nullopt;
    const auto eigen = symmetric_eigen(centred_squares(distances, count), size, 2);
    if (!eigen) return std::nullopt;
    PlaneMap map{std::vector<double>(count), std::vector<double>(count)};
    const double least = kRounding * std::max(eigen->values.front(), 0.0);
    double positive = 0, held = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const double value = eigen->values[i];
        if (!(value > least)) break;
        positive += value;
        if (i >= eigen->vectors.size()) continue;
        held += value;
        std::vector<double>& axis = i == 0 ? map.x : map.y;
        for (std::size_t j = 0; j < count; ++j)
            axis[j] = std::sqrt(value) * eigen->vectors[i][j];
    }
    if (positive > 0) map.explained = held / positive;
    return map;
}

}  // namespace headlight
