// Weights shown: closed forms of causal.md a.
#include "core/cause/weighted_trace.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "core/dense_trace.h"

namespace headlight {
namespace {

TracePtr one_head(int num_tokens, std::vector<float> weights, bool is_causal = true) {
    TraceInfo info;
    info.num_layers = info.num_heads = 1;
    info.num_queries = info.num_keys = num_tokens;
    info.is_causal = is_causal;
    return make_dense_trace(info, std::move(weights));
}

TracePtr three_rows() {
    return one_head(3, {1, 0, 0, .3f, .7f, 0, .7f, .2f, .1f});
}

std::shared_ptr<const CellFactors> factors(std::vector<float> key, std::vector<float> query = {}) {
    auto out = std::make_shared<CellFactors>();
    out->key = Matrix(1, static_cast<std::int64_t>(key.size()));
    out->key.values = std::move(key);
    if (!query.empty()) out->query = Matrix(1, static_cast<std::int64_t>(query.size()));
    out->query.values = std::move(query);
    out->unit = "units";
    return out;
}

}  // namespace

TEST_CASE("without the sink a row is what is left of it, scaled to 1") {
    const auto trace = WeightedTrace::without_sink(three_rows(), {true, false, false});
    const auto cells = trace->matrix(0, 0);
    CHECK(cells[6] == 0);
    CHECK(cells[7] == doctest::Approx(2.0 / 3));
    CHECK(cells[8] == doctest::Approx(1.0 / 3));
    const auto rest = trace->rest(0, 0);
    CHECK(rest[0].state == RowRest::NoKeys);  // row 0 of a causal text sees nothing else
    CHECK(cells[0] == 0);
    CHECK(rest[2].state == RowRest::Shown);
    CHECK(rest[2].removed == doctest::Approx(.7));
    CHECK_FALSE(trace->is_signed());
}

TEST_CASE("a row whose rest is under a twentieth rests: it has no values, and no statistics") {
    const auto trace = WeightedTrace::without_sink(one_head(3, {1, 0, 0, .95f, .05f, 0, .96f, .03f, .01f}),
                                                   {true, false, false});
    const auto rest = trace->rest(0, 0);
    CHECK(rest[1].state == RowRest::Shown);  // exactly 0.05 is enough
    CHECK(rest[2].state == RowRest::Resting);
    CHECK(rest[2].removed == doctest::Approx(.96));
    const auto cells = trace->matrix(0, 0);
    CHECK(cells[7] == 0);
    CHECK(cells[8] == 0);
    std::vector<RowStats> stats(3);
    trace->row_stats(0, 0, stats);
    CHECK(stats[1].num_keys == 2);
    CHECK(stats[1].max_weight == doctest::Approx(1));
    CHECK(stats[2].num_keys == 0);
}

TEST_CASE("the sink outside a window takes nothing away") {
    TraceInfo info;
    info.num_layers = info.num_heads = 1;
    info.num_queries = info.num_keys = 3;
    info.window = {2};
    const auto trace = WeightedTrace::without_sink(
        make_dense_trace(info, {1, 0, 0, .5f, .5f, 0, 0, .25f, .75f}), {true, false, false});
    CHECK(trace->matrix(0, 0)[7] == doctest::Approx(.25));
    CHECK(trace->rest(0, 0)[2].removed == 0);
}

TEST_CASE("cells are the weight times the size of what the key holds") {
    // A = (.9, .1), |f| = (.1, 2): (.09, .2).
    const auto trace =
        WeightedTrace::with_factors(one_head(2, {1, 0, .9f, .1f}), WeightsShown::Norm, factors({.1f, 2}));
    const auto cells = trace->matrix(0, 0);
    CHECK(cells[2] == doctest::Approx(.09));
    CHECK(cells[3] == doctest::Approx(.2));
    CHECK(cells[3] / (cells[2] + cells[3]) == doctest::Approx(.689655));
    CHECK(trace->unit() == "units");
    for (const auto& row : trace->rest(0, 0))
        CHECK(row.state == RowRest::Shown);
}

TEST_CASE("a norm on the output scales whole rows") {
    const auto trace = WeightedTrace::with_factors(one_head(2, {1, 0, .5f, .5f}), WeightsShown::Norm,
                                                   factors({2, 4}, {10, .5f}));
    const auto cells = trace->matrix(0, 0);
    CHECK(cells[0] == doctest::Approx(20));
    CHECK(cells[3] == doctest::Approx(1));
}

TEST_CASE("effects keep their sign, in the overview too, and say how much of them is kept") {
    const auto trace =
        WeightedTrace::with_factors(one_head(2, {1, 0, .5f, .5f}), WeightsShown::Effect, factors({1, -3}));
    CHECK(trace->is_signed());
    const Overview overview = trace->overview(0, 0);
    CHECK(overview.max == std::vector<float>{1, 0, .5f, -1.5f});
    CHECK(trace->has_cheap_overview(0, 0));
    const std::vector<float> agree = {1, 2}, cancel = {1, -1}, half = {3, -1}, none = {0, 0};
    CHECK(kept_share(agree) == 1);
    CHECK(kept_share(cancel) == 0);
    CHECK(kept_share(half) == .5);
    CHECK(kept_share(none) == 0);
}

TEST_CASE("a tile of an overview holds the cell farthest from zero") {
    const int count = 128;
    std::vector<float> weights(static_cast<std::size_t>(count * count), 0.0f), keys(count, 1.0f);
    for (int query = 0; query < count; ++query)
        for (int key = 0; key <= query; ++key)
            weights[static_cast<std::size_t>(query * count + key)] = 1.0f / static_cast<float>(query + 1);
    keys[5] = -9;
    const auto trace =
        WeightedTrace::with_factors(one_head(count, weights), WeightsShown::Effect, factors(keys));
    const Overview overview = trace->overview(0, 0);
    CHECK(overview.rows == 64);
    CHECK(overview.max[10 * 64 + 2] == doctest::Approx(-9.0 / 21));  // rows 20, 21; keys 4, 5
}

TEST_CASE("factors of another text are refused") {
    CHECK_THROWS_AS(WeightedTrace::with_factors(three_rows(), WeightsShown::Value, factors({1, 1})),
                    std::invalid_argument);
    CHECK_THROWS_AS(WeightedTrace::without_sink(three_rows(), {true}), std::invalid_argument);
}

}  // namespace headlight
