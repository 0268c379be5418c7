#include "analysis/patterns/row_measures.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace headlight {

double log_of_count(int n) {
    constexpr int kLookedUp = 8192;
    static const std::vector<double> logs = [] {
        std::vector<double> out;
        for (int i = 0; i < kLookedUp; ++i)
            out.push_back(std::log(static_cast<double>(i)));
        return out;
    }();
    return n >= 0 && n < kLookedUp ? logs[static_cast<std::size_t>(n)] : std::log(static_cast<double>(n));
}

double softmax_jacobian_trace(const RowStats& row) {
    return std::max(0.0, 1.0 - static_cast<double>(row.sum_squares));
}

double softmax_jacobian_norm(const RowStats& row) {
    const double squares = row.sum_squares, cubes = row.sum_cubes;
    return std::sqrt(std::max(0.0, squares - 2 * cubes + squares * squares));
}

double entropy_floor(double logit_norm, int num_keys) {
    if (num_keys < 2) return 0;
    const double n = num_keys, s = std::max(0.0, logit_norm);
    const double b = std::exp(-s * std::sqrt(n / (n - 1)));
    if (b == 0) return 0;  // also keeps s = infinity from becoming 0 times infinity
    const double others = (n - 1) * b;
    return std::log1p(others) + s * std::sqrt(n * (n - 1)) * b / (1 + others);
}

double centred_logit_norm(std::span<const float> weights, KeyRange keys) {
    const int begin = std::max(0, keys.begin), end = std::min(static_cast<int>(weights.size()), keys.end);
    if (end <= begin) return 0;
    const auto logit = [&](int key) {
        return std::log(static_cast<double>(weights[static_cast<std::size_t>(key)]));
    };
    double mean = 0, sum = 0;
    for (int key = begin; key < end; ++key) {
        if (!(weights[static_cast<std::size_t>(key)] > 0)) return std::numeric_limits<double>::infinity();
        mean += logit(key) / (end - begin);
    }
    for (int key = begin; key < end; ++key) {
        const double offset = logit(key) - mean;
        sum += offset * offset;
    }
    return std::sqrt(sum);
}

}  // namespace headlight
