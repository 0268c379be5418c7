#include "analysis/linear_algebra/bidiagonal.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace headlight {
namespace {

constexpr double kBidiagonalEpsilon = std::numeric_limits<double>::epsilon();
constexpr int kMostSweepsPerValue = 60;

/// (c s; -s c) (f, g) = (r, 0).
struct Rotation {
    double cosine, sine, length;
    Rotation(double f, double g) {
        length = std::sqrt(f * f + g * g);
        const double scale = length > 0 ? 1 / length : 0;
        cosine = length > 0 ? f * scale : 1;
        sine = g * scale;
    }
};

/// The smaller singular value of (f g; 0 h).
double smaller_value(double f, double g, double h) {
    // The larger one first, from the sum and the product of the squares; then their product is |f h|.
    const double squares = f * f + g * g + h * h, product = std::abs(f * h);
    if (product == 0) return 0;
    const double root = std::sqrt(std::max(0.0, (squares - 2 * product) * (squares + 2 * product)));
    return product / std::sqrt(0.5 * (squares + root));
}

/// One sweep on d[lo..hi] without a shift: keeps small values to full relative accuracy, and clears a zero
/// diagonal.
void sweep_unshifted(double* d, double* e, int lo, int hi) {
    double cosine = 1, old_cosine = 1, old_sine = 0;
    for (int i = lo; i < hi; ++i) {
        const Rotation right(d[i] * cosine, e[i]);
        if (i > lo) e[i - 1] = old_sine * right.length;
        const Rotation left(old_cosine * right.length, d[i + 1] * right.sine);
        d[i] = left.length;
        cosine = right.cosine;
        old_cosine = left.cosine;
        old_sine = left.sine;
    }
    const double last = d[hi] * cosine;
    e[hi - 1] = last * old_sine;
    d[hi] = last * old_cosine;
}

/// One sweep with a shift: the bulge is made at the top and chased off the bottom.
void sweep_shifted(double* d, double* e, int lo, int hi, double shift) {
    double f = (std::abs(d[lo]) - shift) * (std::copysign(1.0, d[lo]) + shift / d[lo]);
    double g = e[lo];
    for (int i = lo; i < hi; ++i) {
        const Rotation right(f, g);
        if (i > lo) e[i - 1] = right.length;
        f = right.cosine * d[i] + right.sine * e[i];
        e[i] = right.cosine * e[i] - right.sine * d[i];
        g = right.sine * d[i + 1];
        d[i + 1] *= right.cosine;
        const Rotation left(f, g);
        d[i] = left.length;
        f = left.cosine * e[i] + left.sine * d[i + 1];
        d[i + 1] = left.cosine * d[i + 1] - left.sine * e[i];
        if (i + 1 < hi) {
            g = left.sine * e[i + 1];
            e[i + 1] *= left.cosine;
        }
    }
    e[hi - 1] = f;
}

}  // namespace

std::vector<double> bidiagonal_singular_values(std::vector<double>& diagonal,
                                               std::vector<double>& superdiagonal) {
    double *d = diagonal.data(), *e = superdiagonal.data();
    const int size = static_cast<int>(diagonal.size());
    double largest = 0;
    for (const double value : diagonal)
        largest = std::max(largest, std::abs(value));
    for (const double value : superdiagonal)
        largest = std::max(largest, std::abs(value));
    const double nothing =
        largest * kBidiagonalEpsilon * 0.01;  // below the rounding of the reduction that came before
    int hi = size - 1;
    for (int sweep = 0; hi > 0 && sweep < kMostSweepsPerValue * size; ++sweep) {
        int lo = hi;
        for (; lo > 0; --lo) {
            const double bound = kBidiagonalEpsilon * (std::abs(d[lo - 1]) + std::abs(d[lo]));
            if (std::abs(e[lo - 1]) <= std::max(bound, nothing)) {
                e[lo - 1] = 0;
                break;
            }
        }
        if (lo == hi) {
            --hi;
            continue;
        }
        const double shift = smaller_value(d[hi - 1], e[hi - 1], d[hi]);
        const bool has_zero =
            std::any_of(d + lo, d + hi + 1, [&](double value) { return std::abs(value) <= nothing; });
        const double ratio = has_zero ? 0 : shift / std::abs(d[lo]);
        if (ratio * ratio <= kBidiagonalEpsilon) {
            sweep_unshifted(d, e, lo, hi);
        } else {
            sweep_shifted(d, e, lo, hi, shift);
        }
    }
    std::vector<double> values(diagonal.size());
    std::transform(diagonal.begin(), diagonal.end(), values.begin(),
                   [](double value) { return std::abs(value); });
    std::sort(values.begin(), values.end(), std::greater<>());
    return values;
}

}  // namespace headlight
