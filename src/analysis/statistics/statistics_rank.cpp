// Correlation of ranks, plain, partial and between distance matrices.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/statistics/split_mix.h"
#include "analysis/statistics/statistics.h"

namespace headlight {
namespace {

constexpr std::size_t kLeastPairs = 3;
constexpr int kLeastItems = 4;

double sum_of_products(std::span<const double> a, std::span<const double> b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Pearson's correlation of centred ranks; nullopt when a side is constant.
std::optional<double> correlate(std::span<const double> a, std::span<const double> b) {
    const double scale = std::sqrt(sum_of_products(a, a) * sum_of_products(b, b));
    if (!(scale > 0)) return std::nullopt;
    return std::clamp(sum_of_products(a, b) / scale, -1.0, 1.0);
}

/// The upper triangle of [n, n], rows first.
std::vector<double> upper_triangle(std::span<const double> matrix, std::size_t n) {
    std::vector<double> pairs;
    pairs.reserve(n * (n - 1) / 2);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = i + 1; k < n; ++k)
            pairs.push_back(matrix[i * n + k]);
    }
    return pairs;
}

/// Pairs back into a symmetric [n, n] with a zero diagonal, so that items can be reordered.
std::vector<double> symmetric(std::span<const double> pairs, std::size_t n) {
    std::vector<double> matrix(n * n, 0.0);
    std::size_t next = 0;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = i + 1; k < n; ++k)
            matrix[i * n + k] = matrix[k * n + i] = pairs[next++];
    }
    return matrix;
}

/// Sum over pairs i < k of a[i][k] b[order i][order k].
double reordered_dot(const std::vector<double>& a, const std::vector<double>& b,
                     const std::vector<std::size_t>& order) {
    const std::size_t n = order.size();
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const double* row = b.data() + order[i] * n;
        for (std::size_t k = i + 1; k < n; ++k)
            sum += a[i * n + k] * row[order[k]];
    }
    return sum;
}

}  // namespace

std::vector<double> centred_ranks(std::span<const double> values) {
    for (const double value : values) {
        if (std::isnan(value)) return {};
    }
    struct Place {
        double value;
        std::uint32_t index;
    };
    std::vector<Place> order(values.size());  // values beside their places: sorting jumps nowhere
    for (std::uint32_t i = 0; i < order.size(); ++i)
        order[i] = {values[i], i};
    std::sort(order.begin(), order.end(), [](const Place& a, const Place& b) { return a.value < b.value; });
    const double middle = 0.5 * (static_cast<double>(values.size()) - 1);
    std::vector<double> ranks(values.size());
    for (std::size_t begin = 0; begin < order.size();) {
        std::size_t end = begin + 1;
        while (end < order.size() && order[end].value == order[begin].value)
            ++end;
        const double rank = 0.5 * static_cast<double>(begin + end - 1) - middle;
        for (; begin < end; ++begin)
            ranks[order[begin].index] = rank;
    }
    return ranks;
}

std::optional<double> spearman(std::span<const double> a, std::span<const double> b) {
    if (a.size() != b.size() || a.size() < kLeastPairs) return std::nullopt;
    const std::vector<double> ranks_a = centred_ranks(a), ranks_b = centred_ranks(b);
    if (ranks_a.empty() || ranks_b.empty()) return std::nullopt;
    return correlate(ranks_a, ranks_b);
}

std::optional<double> partial_spearman(std::span<const double> a, std::span<const double> b,
                                       std::span<const double> covariate) {
    if (a.size() != b.size() || a.size() != covariate.size() || a.size() < kLeastPairs) return std::nullopt;
    std::vector<double> ranks_a = centred_ranks(a), ranks_b = centred_ranks(b);
    const std::vector<double> ranks_c = centred_ranks(covariate);
    if (ranks_a.empty() || ranks_b.empty() || ranks_c.empty()) return std::nullopt;
    const double size = sum_of_products(ranks_c, ranks_c);
    for (std::vector<double>* ranks : {&ranks_a, &ranks_b}) {
        const double before = sum_of_products(*ranks, *ranks);
        const double slope =
            size > 0 ? sum_of_products(*ranks, ranks_c) / size : 0;  // a constant covariate explains nothing
        for (std::size_t i = 0; i < ranks->size(); ++i)
            (*ranks)[i] -= slope * ranks_c[i];
        // Ranks that the covariate explains completely leave residuals of rounding size only.
        if (sum_of_products(*ranks, *ranks) <= 1e-20 * before) return std::nullopt;
    }
    return correlate(ranks_a, ranks_b);
}

std::optional<MantelResult> mantel_test(std::span<const double> a, std::span<const double> b, int n,
                                        int num_permutations, std::uint64_t seed) {
    if (n < kLeastItems) return std::nullopt;
    const auto size = static_cast<std::size_t>(n);
    if (a.size() != size * size || b.size() != size * size) return std::nullopt;
    const std::vector<double> ranks_a = centred_ranks(upper_triangle(a, size));
    const std::vector<double> ranks_b = centred_ranks(upper_triangle(b, size));
    if (ranks_a.empty() || ranks_b.empty()) return std::nullopt;
    const std::optional<double> correlation = correlate(ranks_a, ranks_b);
    if (!correlation) return std::nullopt;

    // A permutation of the items permutes the pairs, so ranks and their size stay: only the sum_of_products
    // product changes.
    const std::vector<double> matrix_a = symmetric(ranks_a, size), matrix_b = symmetric(ranks_b, size);
    std::vector<std::size_t> order(size);
    std::iota(order.begin(), order.end(), std::size_t{0});
    const double scale = std::sqrt(sum_of_products(ranks_a, ranks_a) * sum_of_products(ranks_b, ranks_b));
    const double bound =
        sum_of_products(ranks_a, ranks_b) - 1e-12 * scale;  // sums in another order must count as ties
    SplitMix random(seed);
    int as_large = 0;
    for (int permutation = 0; permutation < num_permutations; ++permutation) {
        random.shuffle(order);
        as_large += reordered_dot(matrix_a, matrix_b, order) >= bound ? 1 : 0;
    }
    return MantelResult{*correlation, (1.0 + as_large) / (1.0 + std::max(0, num_permutations))};
}

}  // namespace headlight
