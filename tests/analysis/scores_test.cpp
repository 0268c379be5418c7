// Rows from their pieces, and the shares of dimensions, against closed forms.
#include <doctest/doctest.h>

#include <cmath>

#include "analysis/scores/dimension_shares.h"
#include "analysis/scores/score_rows.h"

using namespace headlight;
using doctest::Approx;

namespace {

ScoreParts two_dimensions() {
    ScoreParts parts;
    parts.num_queries = 1;
    parts.num_keys = 3;
    parts.depth = 2;
    parts.scale = 0.5f;
    parts.query = {2, 4};
    parts.key = {1, 0, 0, 1, 1, 1};  // q·k = 2, 4, 6
    return parts;
}

DimensionShares shares_of(const ScoreParts& parts) {
    const auto shares = dimension_shares(parts, [&](int) { return KeyRange{0, parts.num_keys}; }, {});
    REQUIRE(shares);
    return *shares;
}

}  // namespace

TEST_CASE("scores: product, scale and softmax of three keys") {
    const ScoreRow row = score_row(two_dimensions(), 0, {0, 3});
    const double total = std::exp(1.0) + std::exp(2.0) + std::exp(3.0);
    for (int key = 0; key < 3; ++key) {
        const KeyScore& one = row.keys[static_cast<std::size_t>(key)];
        CHECK(one.product == Approx(2.0 * (key + 1)));
        CHECK(one.score == Approx(key + 1.0));
        CHECK(one.weight == Approx(std::exp(key + 1.0) / total));
    }
    CHECK(products(two_dimensions(), 0, 2) == std::vector<float>{2, 4});
}

TEST_CASE("scores: bias, cap, mask and sink, in this order") {
    ScoreParts parts = two_dimensions();
    parts.bias = {0.5f, -1, 7};
    parts.softcap = 2;
    parts.sink = 0.25f;
    const ScoreRow row = score_row(parts, 0, {0, 2});
    const double first = 2 * std::tanh(1.5 / 2), second = 2 * std::tanh(1.0 / 2);
    const double total = std::exp(first) + std::exp(second) + std::exp(0.25);
    CHECK(row.keys[0].bias == Approx(0.5));
    CHECK(row.keys[0].score == Approx(first));
    CHECK(row.keys[0].weight == Approx(std::exp(first) / total));
    CHECK(row.keys[1].weight == Approx(std::exp(second) / total));
    CHECK(row.sink_weight == Approx(std::exp(0.25) / total));
    CHECK(row.keys[2].is_masked);
    CHECK(row.keys[2].weight == 0);
    CHECK(row.keys[2].product == Approx(6.0));
}

TEST_CASE("scores: a bias by key, by distance and by pair lies where its origin and stride say") {
    ScoreParts parts;
    parts.bias = {10, 20, 30, 40, 50};
    parts.bias_origin = 2;
    parts.bias_stride = -1;  // by distance key - query
    CHECK(parts.bias_at(0, 0) == 30);
    CHECK(parts.bias_at(1, 0) == 20);
    CHECK(parts.bias_at(0, 2) == 50);
    parts.bias_origin = parts.bias_stride = 0;  // by key
    CHECK(parts.bias_at(3, 1) == 20);
}

TEST_CASE("scores: a row without keys has no weights") {
    const ScoreRow row = score_row(two_dimensions(), 0, {});
    for (const KeyScore& one : row.keys)
        CHECK(one.weight == 0);
}

TEST_CASE("scores: shares of independent dimensions are their variances") {
    // Keys (±1, ±1): the parts 3 k0 and 1 k1 do not correlate: variances 9 and 1.
    ScoreParts parts;
    parts.num_queries = 1;
    parts.num_keys = 4;
    parts.depth = 3;
    parts.query = {3, 1, 5};
    parts.key = {1, 1, 2, 1, -1, 2, -1, 1, 2, -1, -1, 2};  // the third is the same for every key
    const DimensionShares shares = shares_of(parts);
    CHECK(shares.of[0] == Approx(0.9));
    CHECK(shares.of[1] == Approx(0.1));
    CHECK(shares.of[2] == Approx(0.0).scale(1));
    CHECK(shares.variance == Approx(10.0));
    CHECK(DimensionShares::carriers(shares.of, 0.9) == std::vector<int>{0});
    CHECK(DimensionShares::carriers(shares.of, 0.95) == std::vector<int>{0, 1});
}

TEST_CASE("scores: a dimension that works against the choice has a share below zero") {
    ScoreParts parts;
    parts.num_queries = 1;
    parts.num_keys = 2;
    parts.depth = 2;
    parts.query = {2, -1};
    parts.key = {1, 1, -1, -1};  // parts ±2 and ∓1, together ±1
    const DimensionShares shares = shares_of(parts);
    CHECK(shares.of[0] == Approx(2.0));
    CHECK(shares.of[1] == Approx(-1.0));
    CHECK(DimensionShares::carriers(shares.of, 0.9) == std::vector<int>{0});
}

TEST_CASE("scores: the shares of dimensions and bias sum to one, whatever the scale, the rows and the mask") {
    ScoreParts parts;
    parts.num_queries = parts.num_keys = 40;
    parts.depth = 16;
    parts.scale = 0.31f;
    for (int i = 0; i < 40 * 16; ++i) {
        parts.query.push_back(std::sin(0.7f * static_cast<float>(i)) + 0.2f);
        parts.key.push_back(std::cos(1.3f * static_cast<float>(i)));
    }
    for (int j = 0; j < 40; ++j)
        parts.bias.push_back(0.05f * static_cast<float>(j));
    parts.rotation = {{0, 8, 6.28}, {1, 9, 60}};
    const auto shares = dimension_shares(parts,
                                         [](int query) {
                                             return KeyRange{std::max(0, query - 20), query + 1};
                                         },
                                         {});
    REQUIRE(shares);
    CHECK(shares->num_rows == 39);
    double sum = shares->bias;
    for (const double share : shares->of)
        sum += share;
    CHECK(sum == Approx(1.0).epsilon(1e-5));
    const std::vector<double> pairs = pair_shares(parts, shares->of);
    CHECK(pairs[1] == Approx(shares->of[1] + shares->of[9]));
    // What is added to all scores of a row changes nothing.
    ScoreParts shifted = parts;
    for (float& value : shifted.bias)
        value += 3;
    const auto same = dimension_shares(shifted,
                                       [](int query) {
                                           return KeyRange{std::max(0, query - 20), query + 1};
                                       },
                                       {});
    REQUIRE(same);
    for (std::size_t d = 0; d < 16; ++d)
        CHECK(same->of[d] == Approx(shares->of[d]).epsilon(1e-3).scale(1));
}

TEST_CASE("scores: no row with two keys, no shares") {
    ScoreParts parts = two_dimensions();
    parts.num_keys = 1;
    const DimensionShares shares = shares_of(parts);
    CHECK(shares.num_rows == 0);
    CHECK(shares.of == std::vector<double>{0, 0});
    CHECK(DimensionShares::carriers(shares.of, 0.9).empty());
}
