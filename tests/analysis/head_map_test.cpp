// Distances between heads, their map, row measures and the variance over texts.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "analysis/linear_algebra/symmetric_eigen.h"
#include "analysis/metric.h"
#include "analysis/patterns.h"
#include "analysis/patterns/head_distance.h"
#include "analysis/patterns/input_variance.h"
#include "analysis/patterns/row_measures.h"
#include "analysis/patterns/sink_entropy.h"
#include "analysis/statistics/scaling.h"

using namespace headlight;
using doctest::Approx;

namespace {

RowStats stats_of(const std::vector<float>& weights) {
    const int size = static_cast<int>(weights.size());
    return compute_row_stats(weights, size - 1, {0, size});
}

double pattern_rank(const test::WeightOf& head, int num_tokens) {
    const std::vector<float> matrix = test::causal_trace(num_tokens, head)->matrix(0, 0);
    return find_metric("pattern_effective_rank")->from_matrix(matrix, num_tokens, num_tokens).value();
}

}  // namespace

TEST_CASE("pattern rank: closed forms C1, C3, C4, C5") {
    CHECK(pattern_rank(test::uniform, 8) == Approx(5.2716483).epsilon(1e-7));
    CHECK(pattern_rank(test::uniform, 4) == Approx(3.1372).epsilon(1e-4));
    CHECK(pattern_rank(test::previous, 8) == Approx(6.9399).epsilon(1e-5));
    CHECK(pattern_rank(test::first, 8) == Approx(1.0));
    CHECK(pattern_rank(test::identity, 8) == Approx(8.0));
    const MetricDescriptor& metric = *find_metric("pattern_effective_rank");
    CHECK(metric.reference_from_size(8, true).value() == Approx(5.2716483).epsilon(1e-7));
    CHECK(metric.reference_from_size(8, false).value() == 1.0);
    const std::vector<float> wide = {.5f, .5f, 0, 0, 0, 0, .5f, .5f};  // two rows over four keys
    CHECK(metric.from_matrix(wide, 2, 4).value() == Approx(2.0));
    CHECK(!metric.from_matrix(std::vector<float>(4, std::numeric_limits<float>::quiet_NaN()), 2, 2));
    const auto values = compute_matrix_metrics(test::causal_trace(8, test::first)->matrix(0, 0), 8, 8, true);
    REQUIRE(values.size() == 1);
    CHECK(values[0].value.value() == Approx(1.0));
}

TEST_CASE("softmax gate: closed form C12") {
    CHECK(softmax_jacobian_trace(stats_of({0, 0, 1, 0})) == 0.0);
    CHECK(softmax_jacobian_norm(stats_of({0, 0, 1, 0})) == 0.0);
    CHECK(softmax_jacobian_trace(stats_of({.25f, .25f, .25f, .25f})) == Approx(.75));
    CHECK(softmax_jacobian_norm(stats_of({.25f, .25f, .25f, .25f})) == Approx(.4330127).epsilon(1e-6));
    CHECK(softmax_jacobian_trace(stats_of({.5f, .5f})) == Approx(.5));
    CHECK(softmax_jacobian_norm(stats_of({.5f, .5f})) == Approx(.5));
    const std::vector<RowStats> rows = {stats_of({.5f, .5f, 0, 0}), stats_of({0, 1, 0, 0})};
    CHECK(find_metric("softmax_gate")->from_pattern({rows, false}).value() == Approx(.5 * .5 / .75));
}

TEST_CASE("entropy: floor for a norm of the logits, reached by one high logit") {
    const double known[][2] = {{0, 2.772589}, {1, 2.716801}, {2, 2.418708}, {4, 1.018040}, {8, 0.035721}};
    for (const auto& [norm, floor] : known)
        CHECK(entropy_floor(norm, 16) == Approx(floor).epsilon(1e-6));
    CHECK(entropy_floor(3, 1) == 0.0);
    CHECK(entropy_floor(std::numeric_limits<double>::infinity(), 16) == 0.0);
    CHECK(entropy_floor(1e6, 16) == 0.0);
    // One high logit, the others equal: centred it has norm gap * sqrt((n - 1) / n).
    std::vector<float> row(16);
    const double gap = 2 / std::sqrt(15.0 / 16), sum = std::exp(gap) + 15;
    for (std::size_t i = 0; i < row.size(); ++i)
        row[i] = static_cast<float>((i == 3 ? std::exp(gap) : 1) / sum);
    CHECK(centred_logit_norm(row, {0, 16}) == Approx(2.0).epsilon(1e-5));
    CHECK(stats_of(row).entropy == Approx(entropy_floor(2, 16)).epsilon(1e-5));
    const std::vector<float> other = {.1f, .2f, .3f, .4f};
    CHECK(stats_of(other).entropy > entropy_floor(centred_logit_norm(other, {0, 4}), 4));
    CHECK(std::isinf(centred_logit_norm(std::vector<float>{1, 0}, {0, 2})));
}

TEST_CASE("entropy: document form and normalised KL on a uniform causal head (closed forms C1, C2)") {
    const auto value = [](const char* id, int num_tokens) {
        const auto rows = test::rows_of(*test::causal_trace(num_tokens, test::uniform));
        return find_metric(id)->from_pattern({rows, true}).value();
    };
    CHECK(value("entropy_document", 8) == Approx(0.6374670).epsilon(1e-6));
    CHECK(value("entropy_document", 128) == Approx(.799).epsilon(1e-3));
    CHECK(value("kl_normalized", 8) < 1e-6);
    const auto sharp = test::rows_of(*test::causal_trace(8, test::previous));
    CHECK(find_metric("kl_normalized")->from_pattern({sharp, true}).value() == 1.0);
    const auto blocks = test::rows_of(*test::causal_trace(8, test::block_of_two));
    CHECK(find_metric("kl_normalized")->from_pattern({blocks, true}).value() ==
          Approx(1 - .3171694).epsilon(1e-6));
}

TEST_CASE("sinks: special tokens are left out beside the first one") {
    // Last row (.5, .1, .3, .1): without keys 0 and 2 (.5, .5); row 1 keeps one key, rows 0 and 2 rest on key
    // 0.
    const auto trace = test::causal_trace(4, [](int query, int key) {
        constexpr std::array<double, 4> kLast = {.5, .1, .3, .1};
        if (query == 1) return .5;
        return query < 3 ? test::first(query, key) : kLast[static_cast<std::size_t>(key)];
    });
    const int dropped[] = {2, 0, 0, 99};
    const SinkFreeEntropy out = entropy_without_keys(*trace, {0, 0}, dropped);
    CHECK(out.normalized.value() == Approx(1.0).epsilon(1e-6));
    CHECK(out.num_rows == 1);
    CHECK(out.resting_share.value() == Approx(1.0 / 3));  // rows 1, 2 and 3 have another key, row 2 rests
    // With the first key alone it is the metric that row statistics give.
    const auto noise = test::causal_trace(12, test::noise(5));
    const int first[] = {0};
    CHECK(entropy_without_keys(*noise, {0, 0}, first).normalized.value() ==
          Approx(find_metric("entropy_without_sink")->from_pattern({test::rows_of(*noise), true}).value())
              .epsilon(1e-5));
    CHECK(!entropy_without_keys(*test::causal_trace(1, test::uniform), {0, 0}, first).normalized);
}

TEST_CASE("Jensen-Shannon: closed form C14 and symmetry") {
    const std::vector<float> left = {1, 0, 0}, right = {0, 0, 1}, mixed = {.2f, .3f, .5f};
    CHECK(jensen_shannon(left, right) == Approx(std::numbers::ln2));
    CHECK(jensen_shannon(mixed, mixed) == 0.0);
    CHECK(jensen_shannon(left, mixed) == Approx(jensen_shannon(mixed, left)));
    // H(.6, .15, .25) - H(.2, .3, .5) / 2
    CHECK(jensen_shannon(left, mixed) == Approx(0.937631 - 0.5 * 1.029653).epsilon(1e-5));
}

// Reference: tests/analysis/weights_check.py (plain logarithms, numpy.linalg.eigh).
TEST_CASE("head map: distances and places, as NumPy has them") {
    const TracePtr trace = test::causal_trace(
        17, std::vector<test::WeightOf>{test::noise(1), test::noise(2), test::noise(3), test::noise(4)});
    const auto map = compute_head_map(*trace, {});
    REQUIRE(map.has_value());
    CHECK(map->queries.size() == 16);  // the first row has one key
    const double distances[4][4] = {{0, 0.34795783169, 0.328800030703, 0.363690182384},
                                    {0.34795783169, 0, 0.277187359641, 0.35152057791},
                                    {0.328800030703, 0.277187359641, 0, 0.310268088202},
                                    {0.363690182384, 0.35152057791, 0.310268088202, 0}};
    for (int a = 0; a < 4; ++a) {
        for (int b = 0; b < 4; ++b)
            CHECK(map->distances.at(a, b) == Approx(distances[a][b]).epsilon(1e-6));
    }
    const double x[] = {0.199222825323, -0.00346781494512, -0.035259896415, -0.160495113963};
    const double y[] = {-0.0971521216179, 0.171115530774, 0.0644990404961, -0.138462449653};
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(map->x[i] == Approx(x[i]).epsilon(1e-5));
        CHECK(map->y[i] == Approx(y[i]).epsilon(1e-5));
    }
    CHECK(map->explained == Approx(0.782560264377).epsilon(1e-5));
}

TEST_CASE("head map: equal heads coincide exactly, different kinds lie apart, rows are spaced evenly") {
    const std::vector<test::WeightOf> heads = {test::noise(1), test::previous, test::noise(1),
                                               test::previous};
    const auto map = compute_head_map(*test::causal_trace(40, heads, 2), {}, 8);
    REQUIRE(map.has_value());
    CHECK(map->queries == std::vector<int>{4, 9, 14, 19, 24, 29, 34, 39});
    CHECK(map->distances.at(0, 2) == 0.0f);
    CHECK(map->distances.at(0, 6) == 0.0f);
    CHECK(map->distances.at(1, 7) == 0.0f);
    CHECK(map->distances.at(0, 1) > 0.3f);
    CHECK(map->explained == Approx(1.0));
    CHECK(map->x[0] == Approx(map->x[6]));
    CHECK(map->x[0] == Approx(-map->x[1]));
    CHECK(std::abs(map->x[0] - map->x[1]) == Approx(map->distances.at(0, 1)).epsilon(1e-5));
    CHECK(std::abs(map->y[0]) < 1e-6f);

    const auto same = compute_head_map(*test::causal_trace(9, {test::uniform, test::uniform}), {});
    REQUIRE(same.has_value());
    CHECK(same->x == std::vector<float>{0, 0});
    CHECK(same->explained == 0.0);
}

TEST_CASE("head map: the divergence of long rows keeps the accuracy of plain logarithms") {
    const TracePtr trace =
        test::causal_trace(700, std::vector<test::WeightOf>{test::noise(8), test::uniform});
    const auto map = compute_head_map(*trace, {}, 1);
    REQUIRE(map.has_value());
    REQUIRE(map->queries == std::vector<int>{699});
    std::vector<float> rows[2] = {std::vector<float>(700), std::vector<float>(700)};
    for (int head = 0; head < 2; ++head) {
        trace->rows(0, head, 699, 700, rows[head]);
        for (float& weight : rows[head])
            weight = 0.999f * weight + 0.001f / 700;
    }
    CHECK(map->distances.at(0, 1) == Approx(jensen_shannon(rows[0], rows[1])).epsilon(2e-6));
}

TEST_CASE("head map: what cannot be compared") {
    const auto one = compute_head_map(*test::causal_trace(8, test::uniform), {});
    CHECK(one.error().kind == ErrorKind::InvalidInput);
    const auto single = compute_head_map(*test::causal_trace(1, {test::uniform, test::first}), {});
    CHECK(single.error().kind == ErrorKind::InvalidInput);
    std::stop_source stop;
    stop.request_stop();
    const auto stopped =
        compute_head_map(*test::causal_trace(8, {test::uniform, test::first}), JobContext(stop.get_token()));
    CHECK(stopped.error().kind == ErrorKind::Cancelled);
}

TEST_CASE("scaling: points of a plane are found again") {
    // A rectangle 4 x 2 with a point in the middle.
    const double px[] = {0, 4, 0, 4, 2}, py[] = {0, 0, 2, 2, 1};
    std::vector<double> distances;
    for (int i = 0; i < 5; ++i) {
        for (int j = 0; j < 5; ++j)
            distances.push_back(std::hypot(px[i] - px[j], py[i] - py[j]));
    }
    const auto map = scale_to_plane(distances, 5);
    REQUIRE(map.has_value());
    CHECK(map->explained == Approx(1.0));
    for (std::size_t i = 0; i < 5; ++i) {
        for (std::size_t j = 0; j < 5; ++j) {
            CHECK(std::hypot(map->x[i] - map->x[j], map->y[i] - map->y[j]) == Approx(distances[i * 5 + j]));
        }
    }
    distances[3] = std::numeric_limits<double>::quiet_NaN();
    CHECK(!scale_to_plane(distances, 5));
}

TEST_CASE("symmetric eigenvalues: closed forms, repeated values, split matrices") {
    for (const int size : {1, 2, 3, 10, 61}) {
        // Second differences on a path: 2 - 2 cos(m pi / (n + 1)), all different.
        const auto count = static_cast<std::size_t>(size);
        std::vector<double> path(count * count);
        for (std::size_t i = 0; i < count; ++i) {
            path[i * count + i] = 2;
            if (i > 0) path[i * count + i - 1] = path[(i - 1) * count + i] = -1;
        }
        const auto eigen = symmetric_eigen(path, size, 2);
        REQUIRE(eigen.has_value());
        for (int m = 1; m <= size; ++m) {
            CHECK(eigen->values[static_cast<std::size_t>(size - m)] ==
                  Approx(2 - 2 * std::cos(m * std::numbers::pi / (size + 1))).epsilon(1e-12));
        }
    }
    // Identity plus a direction: the value 1 + 12 once, then 1 many times; vectors stay orthogonal.
    constexpr std::size_t kSize = 12;
    std::vector<double> ones(kSize * kSize, 1.0);
    for (std::size_t i = 0; i < kSize; ++i)
        ones[i * kSize + i] = 2;
    const auto eigen = symmetric_eigen(ones, kSize, 3);
    REQUIRE(eigen.has_value());
    CHECK(eigen->values[0] == Approx(13.0));
    CHECK(eigen->values[1] == Approx(1.0));
    CHECK(eigen->values[11] == Approx(1.0));
    for (std::size_t i = 0; i < kSize; ++i)
        CHECK(eigen->vectors[0][i] == Approx(std::sqrt(1.0 / 12)));
    for (std::size_t a = 0; a < 3; ++a) {
        for (std::size_t b = 0; b < 3; ++b) {
            double product = 0;
            for (std::size_t i = 0; i < kSize; ++i)
                product += eigen->vectors[a][i] * eigen->vectors[b][i];
            CHECK(product == Approx(a == b ? 1.0 : 0.0).epsilon(1e-10));
        }
    }
    CHECK(symmetric_eigen(std::vector<double>(9), 3, 2)->values == std::vector<double>{0, 0, 0});
    CHECK(!symmetric_eigen({1, 2}, 2, 1));
}

TEST_CASE("variance over texts: by hand, in one pass, in parts") {
    // Weights .5, .25 and 0 on key 0 of row 1 over three texts: variance 1/16 in both cells, 0 in row 0.
    const auto text = [](double weight) {
        return test::causal_trace(2, [weight](int query, int key) {
            if (query == 0) return 1.0;
            return key == 0 ? weight : 1 - weight;
        });
    };
    InputVariance all, left, right;
    CHECK(!all.value({0, 0}));
    for (const double weight : {.5, .25, 0.0})
        REQUIRE(all.add(*text(weight)).has_value());
    CHECK(all.num_texts() == 3);
    CHECK(all.value({0, 0}).value() == Approx(2.0 / 3 / 16));
    REQUIRE(left.add(*text(.5)).has_value());
    CHECK(!left.value({0, 0}));
    REQUIRE(right.add(*text(.25)).has_value());
    REQUIRE(right.add(*text(0)).has_value());
    REQUIRE(left.merge(right).has_value());
    CHECK(left.value({0, 0}).value() == Approx(2.0 / 3 / 16));
    CHECK(!all.value({1, 0}));
    CHECK(all.add(*test::causal_trace(3, test::uniform)).error().kind == ErrorKind::InvalidInput);
    InputVariance other;
    REQUIRE(other.add(*test::causal_trace(3, test::uniform)).has_value());
    CHECK(all.merge(other).error().kind == ErrorKind::InvalidInput);
    InputVariance positional;
    for (int i = 0; i < 4; ++i)
        REQUIRE(positional.add(*test::causal_trace(12, test::previous)).has_value());
    CHECK(positional.value({0, 0}).value() == 0.0);
}
