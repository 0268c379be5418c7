#include "analysis/linear_algebra/symmetric_eigen.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>

namespace headlight {
namespace {

constexpr double kSymmetricEpsilon = std::numeric_limits<double>::epsilon();
constexpr double kNothing = 0.01 * kSymmetricEpsilon;  // beside entries of size 1
constexpr int kMostQlStepsPerValue = 60;
constexpr int kInverseSteps = 4;

double dot_product(const double* a, const double* b, int size) {
    double sum = 0;
    for (int i = 0; i < size; ++i)
        sum += a[i] * b[i];
    return sum;
}

/// A = Q T Q^T with T tridiagonal. `a` [n, n] becomes the store of the reflections.
struct Tridiagonal {
    int size = 0;
    std::vector<double> diagonal, below;  // [n], [n - 1]
    std::vector<double> scales;           // tau of the reflection that column j needed
    std::vector<double> reflectors;       // [n, n]: row j holds v_j, zero up to index j
};

/// A <- H A H on the rows and columns behind `begin`, H = I - tau v v^T.
void reflect(std::vector<double>& a, int size, int begin, const double* v, double tau,
             std::vector<double>& p) {
    const auto row = [&](int i) {
        return a.data() + static_cast<std::size_t>(i) * static_cast<std::size_t>(size);
    };
    for (int i = begin; i < size; ++i)
        p[static_cast<std::size_t>(i)] = tau * dot_product(row(i) + begin, v + begin, size - begin);
    const double half = 0.5 * tau * dot_product(p.data() + begin, v + begin, size - begin);
    for (int i = begin; i < size; ++i)
        p[static_cast<std::size_t>(i)] -= half * v[i];
    for (int i = begin; i < size; ++i) {
        const double vi = v[i], pi = p[static_cast<std::size_t>(i)];
        double* target = row(i);
        for (int j = begin; j < size; ++j)
            target[j] -= vi * p[static_cast<std::size_t>(j)] + pi * v[j];
    }
}

Tridiagonal tridiagonalize(std::vector<double> a, int size) {
    const auto count = static_cast<std::size_t>(size);
    Tridiagonal out{size, std::vector<double>(count), std::vector<double>(count - 1),
                    std::vector<double>(count), std::vector<double>(count * count)};
    std::vector<double> p(count);
    for (int j = 0; j + 1 < size; ++j) {
        const double* row = a.data() + static_cast<std::size_t>(j) * count;
        double* v = out.reflectors.data() + static_cast<std::size_t>(j) * count;
        std::copy(row + j + 1, row + size, v + j + 1);
        out.diagonal[static_cast<std::size_t>(j)] = row[j];
        const double norm = std::sqrt(dot_product(v + j + 1, v + j + 1, size - j - 1));
        const double rest = norm - std::abs(v[j + 1]);
        out.below[static_cast<std::size_t>(j)] = v[j + 1];
        if (!(rest > 0)) continue;  // nothing to clear: no reflection
        const double stays = v[j + 1] > 0 ? -norm : norm, head = v[j + 1] - stays;
        out.below[static_cast<std::size_t>(j)] = stays;
        v[j + 1] = head;
        out.scales[static_cast<std::size_t>(j)] = -1.0 / (stays * head);
        reflect(a, size, j + 1, v, out.scales[static_cast<std::size_t>(j)], p);
    }
    out.diagonal[count - 1] = a[count * count - 1];
    return out;
}

/// Implicit QL step on d[lo..hi] with the shift of its first corner.
void ql_step(std::vector<double>& d, std::vector<double>& e, std::size_t lo, std::size_t hi) {
    const double half = (d[lo + 1] - d[lo]) / (2 * e[lo]);
    const double shift = d[lo] - e[lo] / (half + std::copysign(std::hypot(half, 1.0), half));
    double g = d[hi] - shift, cosine = 1, sine = 1, taken = 0;
    for (std::size_t i = hi; i-- > lo;) {
        const double f = sine * e[i], b = cosine * e[i];
        const double length = std::hypot(f, g);
        if (i + 1 < hi) e[i + 1] = length;
        if (length == 0) {
            d[i + 1] -= taken;
            return;
        }
        sine = f / length;
        cosine = g / length;
        const double offset = d[i + 1] - taken;
        const double turned = (d[i] - offset) * sine + 2 * cosine * b;
        taken = sine * turned;
        d[i + 1] = offset + taken;
        g = cosine * turned - b;
    }
    d[lo] -= taken;
    e[lo] = g;
}

/// Eigenvalues of a tridiagonal matrix, descending.
std::vector<double> tridiagonal_values(std::vector<double> d, std::vector<double> e) {
    const std::size_t size = d.size();
    for (std::size_t lo = 0; lo + 1 < size; ++lo) {
        for (int step = 0; step < kMostQlStepsPerValue; ++step) {
            std::size_t hi = lo;
            while (hi + 1 < size &&
                   std::abs(e[hi]) >
                       std::max(kNothing, kSymmetricEpsilon * (std::abs(d[hi]) + std::abs(d[hi + 1]))))
                ++hi;
            if (hi == lo) break;
            ql_step(d, e, lo, hi);
        }
    }
    std::sort(d.begin(), d.end(), std::greater<>());
    return d;
}

/// Solves (T - shift) x = x in place by elimination with row exchanges; pivots of nothing count as `least`.
void solve_shifted(const Tridiagonal& t, double shift, double least, std::vector<double>& x) {
    const std::size_t size = x.size();
    std::vector<double> main(size), next(size), second(size);  // the rows of U: three entries each
    double pivot = t.diagonal[0] - shift, right = size > 1 ? t.below[0] : 0;
    for (std::size_t i = 0; i + 1 < size; ++i) {
        const double lower = t.below[i], diagonal = t.diagonal[i + 1] - shift;
        const double beyond = i + 2 < size ? t.below[i + 1] : 0;
        if (std::abs(lower) > std::abs(pivot)) {
            const double factor = pivot / lower;
            main[i] = lower;
            next[i] = diagonal;
            second[i] = beyond;
            std::swap(x[i], x[i + 1]);
            x[i + 1] -= factor * x[i];
            pivot = right - factor * diagonal;
            right = -factor * beyond;
        } else {
            if (std::abs(pivot) < least) pivot = least;
            const double factor = lower / pivot;
            main[i] = pivot;
            next[i] = right;
            second[i] = 0;
            x[i + 1] -= factor * x[i];
            pivot = diagonal - factor * right;
            right = beyond;
        }
    }
    main[size - 1] = std::abs(pivot) < least ? least : pivot;
    for (std::size_t i = size; i-- > 0;) {
        if (i + 1 < size) x[i] -= next[i] * x[i + 1];
        if (i + 2 < size) x[i] -= second[i] * x[i + 2];
        x[i] /= main[i];
    }
}

void normalize(std::vector<double>& x) {
    double largest = 0;
    for (const double value : x)
        largest = std::max(largest, std::abs(value));
    for (double& value : x)
        value /= largest;  // the solution may be huge: its squares must not overflow
    const double norm = std::sqrt(dot_product(x.data(), x.data(), static_cast<int>(x.size())));
    for (double& value : x)
        value /= norm;
}

void remove_parts(const std::vector<std::vector<double>>& earlier, std::vector<double>& x) {
    for (const std::vector<double>& other : earlier) {
        const double part = dot_product(other.data(), x.data(), static_cast<int>(x.size()));
        for (std::size_t i = 0; i < x.size(); ++i)
            x[i] -= part * other[i];
    }
}

/// Eigenvector of T for `value`, orthogonal to `earlier` (which repeated eigenvalues need).
std::vector<double> tridiagonal_vector(const Tridiagonal& t, double value, double norm,
                                       const std::vector<std::vector<double>>& earlier) {
    std::vector<double> x(t.diagonal.size());
    std::uint32_t state = 12345u + static_cast<std::uint32_t>(earlier.size());
    for (double& entry : x) {
        state = state * 1664525u + 1013904223u;
        entry = 0.5 + static_cast<double>(state >> 8) / 16777216.0;
    }
    for (int step = 0; step < kInverseSteps; ++step) {
        remove_parts(earlier, x);
        normalize(x);
        solve_shifted(t, value, kSymmetricEpsilon * norm, x);
        normalize(x);
    }
    remove_parts(earlier, x);
    remove_parts(earlier, x);
    normalize(x);
    return x;
}

/// Back from the tridiagonal basis, and the sign.
void finish_vector(const Tridiagonal& t, std::vector<double>& x) {
    const auto count = static_cast<std::size_t>(t.size);
    for (int j = t.size - 2; j >= 0; --j) {
        const double* v = t.reflectors.data() + static_cast<std::size_t>(j) * count;
        const double scale =
            t.scales[static_cast<std::size_t>(j)] * dot_product(v + j + 1, x.data() + j + 1, t.size - j - 1);
        for (int i = j + 1; i < t.size; ++i)
            x[static_cast<std::size_t>(i)] -= scale * v[i];
    }
    double largest = 0;
    for (const double value : x)
        largest = std::max(largest, std::abs(value));
    // The first of those that are equal but for rounding.
    const auto leader = std::find_if(x.begin(), x.end(),
                                     [&](double value) { return std::abs(value) >= (1 - 1e-9) * largest; });
    if (leader == x.end() || *leader >= 0) return;
    for (double& value : x)
        value = -value;
}

}  // namespace

std::optional<SymmetricEigen> symmetric_eigen(std::vector<double> matrix, int size, int num_vectors) {
    const auto count = static_cast<std::size_t>(std::max(0, size));
    if (size < 1 || matrix.size() != count * count) return std::nullopt;
    double norm = 0;
    for (const double value : matrix) {
        if (!std::isfinite(value)) return std::nullopt;
        norm = std::max(norm, std::abs(value));
    }
    const double scale = norm > 0 ? norm : 1;
    for (double& value : matrix)
        value /= scale;
    const Tridiagonal t = tridiagonalize(std::move(matrix), size);
    SymmetricEigen out;
    out.values = tridiagonal_values(t.diagonal, t.below);
    for (int i = 0; i < std::min(num_vectors, size); ++i) {
        out.vectors.push_back(
            tridiagonal_vector(t, out.values[static_cast<std::size_t>(i)], 1.0, out.vectors));
    }
    for (std::vector<double>& vector : out.vectors)
        finish_vector(t, vector);
    for (double& value : out.values)
        value *= scale;
    return out;
}

}  // namespace headlight
