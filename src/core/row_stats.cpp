// Statistics of one row of attention, four keys at a time: sums in double, logarithms in float (within 2e-7
// of the exact ones, far less than what is kept of the entropy).
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "core/attention_trace.h"

namespace headlight {
namespace {

// Of 16 bytes: what every processor has; wider ones are taken apart by the compiler, slowly.
using Floats = float __attribute__((vector_size(16)));
using Integers = std::int32_t __attribute__((vector_size(16)));
using Doubles = double __attribute__((vector_size(16)));
using FloatPair = float __attribute__((vector_size(8)));

constexpr std::size_t kLanes = 4;

struct Halves {
    Doubles low, high;
};

Halves in_double(Floats x) {
    const auto pairs = std::bit_cast<std::array<FloatPair, 2>>(x);
    return {__builtin_convertvector(pairs[0], Doubles), __builtin_convertvector(pairs[1], Doubles)};
}

/// ln x of positive normal numbers, anything finite for 0: x = m 2^e with m in [sqrt 1/2, sqrt 2), a
/// polynomial in m - 1 (coefficients of Moshier's Cephes).
Floats natural_log(Floats x) {
    const Integers bits = std::bit_cast<Integers>(x);
    const Integers exponent = (bits - 0x3f3504f3) >> 23;
    const Floats e = __builtin_convertvector(exponent, Floats);
    const Floats t = std::bit_cast<Floats>(bits - (exponent << 23)) - 1.0f;
    const Floats square = t * t;
    Floats y = t * 7.0376836292e-2f - 1.1514610310e-1f;
    y = y * t + 1.1676998740e-1f;
    y = y * t - 1.2420140846e-1f;
    y = y * t + 1.4249322787e-1f;
    y = y * t - 1.6668057665e-1f;
    y = y * t + 2.0000714765e-1f;
    y = y * t - 2.4999993993e-1f;
    y = y * t + 3.3333331174e-1f;
    y = y * t * square - e * 2.12194440e-4f - square * 0.5f;
    return t + y + e * 0.693359375f;
}

struct RowSums {
    Doubles entropy{}, sum{}, squares{}, cubes{}, keys{};  // keys: sum of weight times place in the range
    Floats largest{};

    void add(Doubles a, Doubles places) {
        const Doubles square = a * a;
        sum += a;
        squares += square;
        cubes += square * a;
        keys += a * places;
    }
    void add(Floats weights, double place) {
        const Floats terms = weights * natural_log(weights);
        const Integers is_positive = weights > 0.0f;
        const Halves information =
            in_double(std::bit_cast<Floats>(std::bit_cast<Integers>(terms) & is_positive));
        entropy -= information.low + information.high;
        const Halves a = in_double(weights);
        add(a.low, Doubles{place, place + 1});
        add(a.high, Doubles{place + 2, place + 3});
        largest = weights > largest ? weights : largest;
    }
};

double total(Doubles lanes) {
    return lanes[0] + lanes[1];
}

RowSums sums_of(std::span<const float> weights) {
    RowSums out;
    const auto load = [&weights](std::size_t key, std::size_t count) {
        Floats some{};
        std::memcpy(&some, weights.data() + key, count * sizeof(float));
        return some;
    };
    std::size_t key = 0;
    for (; key + kLanes <= weights.size(); key += kLanes)
        out.add(load(key, kLanes), static_cast<double>(key));
    if (key < weights.size()) out.add(load(key, weights.size() - key), static_cast<double>(key));
    return out;
}

}  // namespace

RowStats compute_row_stats(std::span<const float> weights, int query, KeyRange range) {
    RowStats stats;
    stats.argmax = range.begin;
    stats.num_keys = range.count();
    if (range.count() <= 0) return stats;
    const auto row =
        weights.subspan(static_cast<std::size_t>(range.begin), static_cast<std::size_t>(range.count()));
    const RowSums sums = sums_of(row);
    const double sum = total(sums.sum);
    if (!std::isfinite(sum)) return RowStats{};  // num_keys 0: the row is invalid and left out of every mean
    for (std::size_t lane = 0; lane < kLanes; ++lane)
        stats.max_weight = std::max(stats.max_weight, sums.largest[lane]);
    if (stats.max_weight > 0)
        stats.argmax +=
            static_cast<std::int32_t>(std::find(row.begin(), row.end(), stats.max_weight) - row.begin());
    const auto at = [&](int key) {
        return key >= range.begin && key < range.end ? weights[static_cast<std::size_t>(key)] : 0.0f;
    };
    double local = 0;
    for (int key = query - 5; key <= query; ++key)
        local += at(key);
    stats.entropy = static_cast<float>(std::max(0.0, total(sums.entropy)));
    stats.sum_squares = static_cast<float>(total(sums.squares));
    stats.sum_cubes = static_cast<float>(total(sums.cubes));
    stats.self = at(query);
    stats.previous = at(query - 1);
    stats.first = at(0);
    stats.local = static_cast<float>(local);
    const double distance = sum * (query - range.begin) - total(sums.keys);
    stats.mean_distance = query >= 0 ? static_cast<float>(distance) : 0.0f;
    stats.row_sum = static_cast<float>(sum);
    return stats;
}

}  // namespace headlight
