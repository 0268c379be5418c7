#include "analysis/linear_algebra/eigenvalues.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headlight {
namespace {

using Complex = std::complex<double>;
constexpr double kHessenbergEpsilon = std::numeric_limits<double>::epsilon();
constexpr int kMostQrStepsPerValue = 60;
constexpr int kUnusualShiftEvery = 10;

/// The two eigenvalues of (a b; c d).
void append_pair(double a, double b, double c, double d, std::vector<Complex>& out) {
    const double half = 0.5 * (a - d), mean = 0.5 * (a + d);
    const double radicand = half * half + b * c;
    if (radicand < 0) {
        const double imaginary = std::sqrt(-radicand);
        out.emplace_back(mean, imaginary);
        out.emplace_back(mean, -imaginary);
        return;
    }
    // The one of larger offset first, the other from the product, so that nothing cancels.
    const double larger = half + std::copysign(std::sqrt(radicand), half);
    out.emplace_back(d + larger, 0);
    out.emplace_back(larger != 0 ? d - b * c / larger : d, 0);
}

/// Where the active block that ends at `hi` begins: behind the lowest subdiagonal entry that is nothing
/// beside its neighbours.
int block_begin(Columns& h, int hi, double norm) {
    for (int i = hi; i > 0; --i) {
        double size = std::abs(h.at(i - 1, i - 1)) + std::abs(h.at(i, i));
        if (size == 0) size = norm;
        if (std::abs(h.at(i, i - 1)) <= kHessenbergEpsilon * size) {
            h.at(i, i - 1) = 0;
            return i;
        }
    }
    return 0;
}

/// First column of (H - s1)(H - s2), where s1 and s2 are the eigenvalues of the block's last 2 x 2 corner.
/// Every tenth step of a stubborn block uses other shifts, which break cycles.
void shift_column(const Columns& h, int lo, int hi, int step, kernels::Bulge& bulge) {
    double sum = h.at(hi - 1, hi - 1) + h.at(hi, hi);
    double product = h.at(hi - 1, hi - 1) * h.at(hi, hi) - h.at(hi - 1, hi) * h.at(hi, hi - 1);
    if (step % kUnusualShiftEvery == kUnusualShiftEvery - 1) {
        const double size = std::abs(h.at(hi, hi - 1)) + std::abs(h.at(hi - 1, hi - 2));
        sum = 1.5 * size;
        product = size * size;
    }
    const double below = h.at(lo + 1, lo);
    bulge.x = h.at(lo, lo) * (h.at(lo, lo) - sum) + h.at(lo, lo + 1) * below + product;
    bulge.y = below * (h.at(lo, lo) + h.at(lo + 1, lo + 1) - sum);
    bulge.z = below * h.at(lo + 2, lo + 1);
}

double largest_entry(const Columns& matrix) {
    double largest = 0;
    for (const double value : matrix.values)
        largest = std::max(largest, std::isfinite(value) ? std::abs(value) : HUGE_VAL);
    return largest;
}

}  // namespace

std::optional<std::vector<Complex>> eigenvalues(Columns h) {
    if (h.rows != h.cols || h.cols == 0) return std::nullopt;
    const double scale = largest_entry(h);
    std::vector<Complex> out;
    if (!std::isfinite(scale)) return std::nullopt;
    if (scale == 0) return std::vector<Complex>(static_cast<std::size_t>(h.cols));
    for (double& value : h.values)
        value /= scale;
    std::vector<double> scratch(2 * static_cast<std::size_t>(h.stride));
    kernels::hessenberg(h.values.data(), h.cols, h.stride, scratch.data());
    const double norm = frobenius_norm(h);
    int hi = h.cols - 1, step = 0;
    while (hi >= 0) {
        const int lo = block_begin(h, hi, norm);
        if (lo + 1 >= hi) {
            if (lo == hi) {
                out.emplace_back(h.at(hi, hi), 0);
            } else {
                append_pair(h.at(lo, lo), h.at(lo, hi), h.at(hi, lo), h.at(hi, hi), out);
            }
            hi = lo - 1;
            step = 0;
            continue;
        }
        if (step == kMostQrStepsPerValue) return std::nullopt;
        kernels::Bulge bulge;
        shift_column(h, lo, hi, step++, bulge);
        kernels::francis_sweep(h.values.data(), h.stride, lo, hi, bulge);
    }
    for (Complex& value : out)
        value *= scale;
    return out;
}

std::optional<double> positive_share_of_eigenvalues(Columns matrix) {
    double trace = 0;
    for (int i = 0; i < matrix.cols; ++i)
        trace += matrix.at(i, i);
    const auto values = eigenvalues(std::move(matrix));
    if (!values) return std::nullopt;
    double sizes = 0;
    for (const Complex& value : *values)
        sizes += std::abs(value);
    if (sizes == 0) return std::nullopt;
    return std::clamp(trace / sizes, -1.0, 1.0);
}

}  // namespace headlight
