#include "study/validation/row_distance.h"

#include <algorithm>
#include <cmath>

namespace headlight {
namespace {

constexpr double kLeastShared = 0.05;  // mass that a row must keep on the shared keys

/// Rows as vectors over some axis (keys, or offsets), each with the range where it may be nonzero.
struct Rows {
    std::size_t count = 0, width = 0;
    std::vector<double> values;    // [count, width]
    std::vector<double> mass;      // [count, width + 1] prefix sums
    std::vector<double> squares;   // [count, width + 1] prefix sums of squares
    std::vector<KeyRange> ranges;  // [count]

    const double* row(std::size_t i) const { return values.data() + i * width; }
    double mass_in(std::size_t i, KeyRange range) const { return between(mass, i, range); }
    double squares_in(std::size_t i, KeyRange range) const { return between(squares, i, range); }
    double between(const std::vector<double>& sums, std::size_t i, KeyRange range) const {
        const double* begin = sums.data() + i * (width + 1);
        return begin[range.end] - begin[range.begin];
    }
    double dot(std::size_t i, std::size_t k, KeyRange range) const {
        double sum = 0;
        for (int j = range.begin; j < range.end; ++j)
            sum += row(i)[j] * row(k)[j];
        return sum;
    }

    void add_prefix_sums() {
        mass.assign(count * (width + 1), 0.0);
        squares.assign(count * (width + 1), 0.0);
        for (std::size_t i = 0; i < count; ++i) {
            double* m = mass.data() + i * (width + 1);
            double* s = squares.data() + i * (width + 1);
            for (std::size_t j = 0; j < width; ++j) {
                m[j + 1] = m[j] + row(i)[j];
                s[j + 1] = s[j] + row(i)[j] * row(i)[j];
            }
        }
    }
};

Rows rows_over_keys(std::span<const float> matrix, std::span<const KeyRange> keys) {
    Rows rows{keys.size(), keys.size(), {matrix.begin(), matrix.end()}, {}, {}, {keys.begin(), keys.end()}};
    rows.add_prefix_sums();
    return rows;
}

/// Column i - j + N - 1 holds the weight at offset i - j.
Rows rows_over_offsets(std::span<const float> matrix, std::span<const KeyRange> keys) {
    const int n = static_cast<int>(keys.size());
    Rows rows{keys.size(), 2 * keys.size() - 1, {}, {}, {}, {}};
    rows.values.assign(rows.count * rows.width, 0.0);
    for (int i = 0; i < n; ++i) {
        const KeyRange range = keys[static_cast<std::size_t>(i)];
        double* row = rows.values.data() + static_cast<std::size_t>(i) * rows.width;
        for (int j = range.begin; j < range.end; ++j)
            row[i - j + n - 1] =
                matrix[static_cast<std::size_t>(i) * keys.size() + static_cast<std::size_t>(j)];
        rows.ranges.push_back({i - range.end + n, i - range.begin + n});
    }
    rows.add_prefix_sums();
    return rows;
}

KeyRange shared_range(const Rows& rows, std::size_t i, std::size_t k) {
    return {std::max(rows.ranges[i].begin, rows.ranges[k].begin),
            std::min(rows.ranges[i].end, rows.ranges[k].end)};
}

std::optional<double> corrected_distance(const Rows& rows, std::size_t i, std::size_t k) {
    const KeyRange shared = shared_range(rows, i, k);
    if (shared.count() < 2) return std::nullopt;
    const double mass_i = rows.mass_in(i, shared), mass_k = rows.mass_in(k, shared);
    if (mass_i < kLeastShared || mass_k < kLeastShared) return std::nullopt;
    const double square = rows.squares_in(i, shared) / (mass_i * mass_i) -
                          2 * rows.dot(i, k, shared) / (mass_i * mass_k) +
                          rows.squares_in(k, shared) / (mass_k * mass_k);
    return std::sqrt(std::max(0.0, square));
}

double raw_distance(const Rows& rows, std::size_t i, std::size_t k) {
    const KeyRange all{0, static_cast<int>(rows.width)};
    const KeyRange shared = shared_range(rows, i, k);
    const double dot = shared.count() > 0 ? rows.dot(i, k, shared) : 0.0;
    return std::sqrt(std::max(0.0, rows.squares_in(i, all) - 2 * dot + rows.squares_in(k, all)));
}

struct Mean {
    double sum = 0, max = 0;
    int count = 0;
    void add(double value) {
        sum += value;
        max = std::max(max, value);
        ++count;
    }
    std::optional<double> value() const { return count > 0 ? std::optional(sum / count) : std::nullopt; }
};

double minus_p_log_p(double p) {
    return p > 0 ? -p * std::log(p) : 0.0;
}

}  // namespace

QueryVariation measure_query_variation(std::span<const float> matrix, std::span<const KeyRange> keys) {
    QueryVariation out;
    if (keys.empty()) return out;
    const Rows by_key = rows_over_keys(matrix, keys), by_offset = rows_over_offsets(matrix, keys);
    Mean raw, raw_1, raw_10, corrected, corrected_1, corrected_10, aligned;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        for (std::size_t k = i + 1; k < keys.size(); ++k) {
            if (keys[i].count() <= 0 || keys[k].count() <= 0) continue;
            const double distance = raw_distance(by_key, i, k);
            raw.add(distance);
            if (k == i + 1) raw_1.add(distance);
            if (k == i + 10) raw_10.add(distance);
            if (const auto value = corrected_distance(by_key, i, k)) {
                corrected.add(*value);
                if (k == i + 1) corrected_1.add(*value);
                if (k == i + 10) corrected_10.add(*value);
            }
            if (const auto value = corrected_distance(by_offset, i, k)) aligned.add(*value);
        }
    }
    out.raw = raw.value();
    if (raw.count > 0) out.raw_max = raw.max;
    out.raw_adjacent = raw_1.value();
    out.raw_distant = raw_10.value();
    out.corrected = corrected.value();
    out.corrected_adjacent = corrected_1.value();
    out.corrected_distant = corrected_10.value();
    out.aligned = aligned.value();
    return out;
}

double row_divergence(std::span<const float> a, std::span<const float> b) {
    double middle = 0, own = 0;
    for (std::size_t j = 0; j < a.size(); ++j) {
        middle += minus_p_log_p(0.5 * (static_cast<double>(a[j]) + b[j]));
        own += minus_p_log_p(a[j]) + minus_p_log_p(b[j]);
    }
    return std::max(0.0, middle - 0.5 * own);
}

std::vector<double> row_divergence(std::span<const float> matrix, std::span<const KeyRange> keys,
                                   int num_keys, int num_items) {
    const auto n = static_cast<std::size_t>(num_items), width = static_cast<std::size_t>(num_keys);
    // Sums of -p ln p and of -(p/2) ln(p/2): outside the other row's keys the mixture is half of one row.
    std::vector<double> whole(n * (width + 1), 0.0), half(n * (width + 1), 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < width; ++j) {
            const double p = matrix[i * width + j];
            whole[i * (width + 1) + j + 1] = whole[i * (width + 1) + j] + minus_p_log_p(p);
            half[i * (width + 1) + j + 1] = half[i * (width + 1) + j] + minus_p_log_p(0.5 * p);
        }
    }
    std::vector<double> out(n * n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = i + 1; k < n; ++k) {
            const int begin = std::max(keys[i].begin, keys[k].begin);
            const int end = std::max(begin, std::min(keys[i].end, keys[k].end));
            double middle = 0;
            for (int j = begin; j < end; ++j) {
                const auto column = static_cast<std::size_t>(j);
                middle += minus_p_log_p(
                    0.5 * (static_cast<double>(matrix[i * width + column]) + matrix[k * width + column]));
            }
            for (const std::size_t row : {i, k}) {
                const double* sums = half.data() + row * (width + 1);
                middle += sums[width] - (sums[end] - sums[begin]);
            }
            const double own = whole[i * (width + 1) + width] + whole[k * (width + 1) + width];
            out[i * n + k] = out[k * n + i] = std::max(0.0, middle - 0.5 * own);
        }
    }
    return out;
}

}  // namespace headlight
