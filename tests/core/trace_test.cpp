#include <doctest/doctest.h>

#include <cmath>

#include "core/attention_trace.h"
#include "core/dense_trace.h"
#include "core/key_window.h"

using namespace headlight;

namespace {

TracePtr uniform_causal(int num_tokens) {
    TraceInfo info;
    info.num_layers = info.num_heads = 1;
    info.num_queries = info.num_keys = num_tokens;
    std::vector<float> weights(static_cast<std::size_t>(num_tokens) * num_tokens, 0.0f);
    for (int i = 0; i < num_tokens; ++i) {
        for (int j = 0; j <= i; ++j)
            weights[static_cast<std::size_t>(i) * num_tokens + j] = 1.0f / (i + 1);
    }
    return make_dense_trace(info, weights);
}

}  // namespace

TEST_CASE("dense trace: row statistics of a uniform causal head (closed form C1)") {
    const TracePtr trace = uniform_causal(8);
    std::vector<RowStats> rows(8);
    trace->row_stats(0, 0, rows);
    double entropy = 0, distance = 0;
    for (int i = 0; i < 8; ++i) {
        CHECK(rows[i].entropy == doctest::Approx(std::log(i + 1.0)).epsilon(1e-6));
        CHECK(rows[i].num_keys == i + 1);
        CHECK(rows[i].row_sum == doctest::Approx(1.0));
        entropy += rows[i].entropy / 8;
        distance += rows[i].mean_distance / 8;
    }
    CHECK(entropy == doctest::Approx(1.3255753628).epsilon(1e-6));
    CHECK(distance == doctest::Approx(1.75).epsilon(1e-6));
}

TEST_CASE("windows: keys of a query, to one side, to both, and of its chunk") {
    const auto range = [](int query, bool is_causal, int window) {
        const KeyRange keys = keys_in_window(query, 10, is_causal, window);
        return std::pair(keys.begin, keys.end);
    };
    CHECK(range(5, true, 0) == std::pair(0, 6));
    CHECK(range(5, true, 3) == std::pair(3, 6));
    CHECK(range(1, true, 3) == std::pair(0, 2));
    CHECK(range(5, false, 3) == std::pair(2, 9));
    CHECK(range(9, false, 3) == std::pair(6, 10));
    CHECK(range(3, true, -4) == std::pair(0, 4));
    CHECK(range(4, true, -4) == std::pair(4, 5));
    CHECK(range(7, true, -4) == std::pair(4, 8));
    CHECK(range(9, false, -4) == std::pair(8, 10));
}

TEST_CASE("trace: admissible keys follow mask and window") {
    TraceInfo info;
    info.num_layers = 2;
    info.num_heads = 1;
    info.num_queries = info.num_keys = 5;
    info.window = {0, 2};
    const TracePtr trace = make_dense_trace(info, std::vector<float>(50, 0.0f));
    CHECK(trace->admissible(0, 3).count() == 4);
    CHECK(trace->admissible(1, 3).begin == 2);
    CHECK(trace->admissible(1, 0).count() == 1);
}

TEST_CASE("row statistics: a NaN row is invalid, not a number") {
    const std::vector<float> row = {0.5f, std::nanf("")};
    CHECK(compute_row_stats(row, 1, {0, 2}).num_keys == 0);
}

TEST_CASE("row statistics: entropy of two and of many weights of all sizes (definition, in long double)") {
    for (const float p : {0.0f, 1e-30f, 1e-6f, 0.1f, 0.5f, 0.9f, 0.9999f, 1.0f}) {
        const std::vector<float> row = {p, 1 - p};
        const auto term = [](float a) {
            return a > 0 ? -static_cast<double>(a) * std::log(static_cast<double>(a)) : 0.0;
        };
        const RowStats stats = compute_row_stats(row, 1, {0, 2});
        CHECK(std::abs(stats.entropy - (term(row[0]) + term(row[1]))) < 2e-7);
        CHECK(stats.argmax == (p >= 0.5f ? 0 : 1));  // ties: the lowest
        CHECK(stats.max_weight == std::max(p, 1 - p));
    }
    for (const int count : {1, 3, 4, 7, 64, 1001}) {
        std::vector<float> row(static_cast<std::size_t>(count));
        long double sum = 0, entropy = 0, squares = 0, cubes = 0, distance = 0;
        for (int i = 0; i < count; ++i)
            sum += row[static_cast<std::size_t>(i)] = static_cast<float>(1 + i * 7919 % 1013) / 1013.0f;
        for (float& weight : row)
            weight /= static_cast<float>(sum);
        sum = 0;
        for (int i = 0; i < count; ++i) {
            const long double a = row[static_cast<std::size_t>(i)];
            sum += a;
            entropy -= a * std::log(a);
            squares += a * a;
            cubes += a * a * a;
            distance += a * (count - 1 - i);
        }
        CAPTURE(count);
        const RowStats stats = compute_row_stats(row, count - 1, {0, count});
        CHECK(stats.entropy == doctest::Approx(static_cast<double>(entropy)).epsilon(3e-7));
        CHECK(stats.sum_squares == doctest::Approx(static_cast<double>(squares)).epsilon(1e-6));
        CHECK(stats.sum_cubes == doctest::Approx(static_cast<double>(cubes)).epsilon(1e-6));
        CHECK(stats.mean_distance == doctest::Approx(static_cast<double>(distance)).epsilon(1e-6));
        CHECK(stats.row_sum == doctest::Approx(static_cast<double>(sum)).epsilon(1.2e-7));
    }
}

TEST_CASE("dense trace: thumbnails hold the largest weight of each tile (definition)") {
    for (const int count : {5, 64, 65, 130}) {
        const TracePtr trace = uniform_causal(count);
        const Overview small = trace->overview(0, 0);
        const int tiles = std::min(count, 64);
        REQUIRE(small.rows == tiles);
        std::vector<float> largest(static_cast<std::size_t>(tiles) * static_cast<std::size_t>(tiles), 0.0f);
        for (int i = 0; i < count; ++i) {
            for (int j = 0; j <= i; ++j) {
                float& tile =
                    largest[static_cast<std::size_t>(i * tiles / count * tiles + j * tiles / count)];
                tile = std::max(tile, 1.0f / static_cast<float>(i + 1));
            }
        }
        CAPTURE(count);
        CHECK(small.max == largest);
    }
}
