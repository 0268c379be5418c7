// Attention between units: closed forms of causal.md h.
#include "core/units/grouped_trace.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "core/cause/weighted_trace.h"
#include "core/dense_trace.h"

namespace headlight {
namespace {

TraceInfo one_head(int num_queries, int num_keys, bool is_causal = true) {
    TraceInfo info;
    info.num_layers = info.num_heads = 1;
    info.num_queries = num_queries;
    info.num_keys = num_keys;
    info.is_causal = is_causal;
    return info;
}

std::shared_ptr<const TextGroups> groups(std::vector<TokenRange> queries, std::vector<TokenRange> keys,
                                         FromGroup from = FromGroup::Mean) {
    auto out = std::make_shared<TextGroups>();
    out->from = from;
    out->queries = std::move(queries);
    out->keys = std::move(keys);
    return out;
}

const std::vector<TokenRange> kWords = {{0, 1}, {1, 3}, {3, 4}};

TracePtr uniform_causal() {
    const float third = 1.0f / 3;
    return make_dense_trace(one_head(4, 4),
                            {1, 0, 0, 0, .5f, .5f, 0, 0, third, third, third, 0, .25f, .25f, .25f, .25f});
}

void check_values(const std::vector<float>& found, const std::vector<double>& expected) {
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i)
        CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-6));
}

std::vector<float> even_matrix(const AttentionTrace& trace, int layer = 0) {
    std::vector<float> out(static_cast<std::size_t>(trace.num_queries()) *
                           static_cast<std::size_t>(trace.num_keys()));
    trace.even_rows(layer, 0, trace.num_queries(), out);
    return out;
}

}  // namespace

TEST_CASE("units: the uniform causal head") {
    const GroupedTrace trace(uniform_causal(), groups(kWords, kWords));
    const std::vector<double> expected = {1, 0, 0, 5. / 12, 7. / 12, 0, .25, .5, .25};
    check_values(trace.matrix(0, 0), expected);
    check_values(even_matrix(trace), expected);
    std::vector<RowStats> rows(3);
    trace.row_stats(0, 0, rows);
    CHECK(rows[0].entropy == doctest::Approx(0));
    CHECK(rows[1].entropy == doctest::Approx(.679193));
    CHECK(rows[2].entropy == doctest::Approx(1.039721));
    CHECK(rows[2].num_keys == 3);
    CHECK(rows[2].row_sum == doctest::Approx(1));
    CHECK(rows[1].self == doctest::Approx(7. / 12));
    CHECK(rows[2].previous == doctest::Approx(.5));
    CHECK(rows[2].argmax == 1);
    CHECK(trace.info().unit == TextUnit::Word);
    CHECK(trace.admissible(0, 1).end == 2);
    const Overview overview = trace.overview(0, 0);
    CHECK(overview.rows == 3);
    CHECK(overview.max[7] == doctest::Approx(.5));
}

TEST_CASE("units: no mask, a window, two texts, a layer without attention") {
    const auto wide = make_dense_trace(one_head(4, 4, false), std::vector<float>(16, .25f));
    check_values(even_matrix(GroupedTrace(wide, groups(kWords, kWords))),
                 {.25, .5, .25, .25, .5, .25, .25, .5, .25});

    TraceInfo info = one_head(4, 4);
    info.window = {2};  // each row sees itself and the one before
    const auto narrow = make_dense_trace(info, {1, 0, 0, 0, .5f, .5f, 0, 0, 0, .5f, .5f, 0, 0, 0, .5f, .5f});
    const GroupedTrace windowed(narrow, groups(kWords, kWords));
    check_values(windowed.matrix(0, 0), {1, 0, 0, .25, .75, 0, 0, .5, .5});
    check_values(even_matrix(windowed), {1, 0, 0, .25, .75, 0, 0, .5, .5});
    CHECK(windowed.admissible(0, 2).begin == 1);

    info = one_head(2, 3, false);
    info.kind = AttentionKind::Cross;
    const auto cross = make_dense_trace(info, {.5f, .3f, .2f, .1f, .1f, .8f});
    check_values(GroupedTrace(cross, groups({{0, 2}}, {{0, 1}, {1, 3}})).matrix(0, 0), {.3, .7});

    info = one_head(4, 4);
    info.absent_layers = {0};
    const GroupedTrace absent(make_dense_trace(info, std::vector<float>(16, 0.0f)), groups(kWords, kWords));
    std::vector<RowStats> rows(3);
    absent.row_stats(0, 0, rows);
    for (const RowStats& row : rows)
        CHECK(row.num_keys == 0);
}

TEST_CASE("units: a learned sink leaves rows under 1; the last token in place of the mean") {
    TraceInfo info = one_head(3, 3);
    info.has_sink = true;
    const auto sunk = make_dense_trace(info, {.5f, 0, 0, .25f, .25f, 0, .1f, .1f, .2f});
    const std::vector<TokenRange> words = {{0, 1}, {1, 3}};
    const GroupedTrace mean(sunk, groups(words, words));
    check_values(mean.matrix(0, 0), {.5, 0, .175, .275});
    std::vector<RowStats> rows(2);
    mean.row_stats(0, 0, rows);
    CHECK(rows[1].row_sum == doctest::Approx(.45));
    const GroupedTrace last(uniform_causal(), groups(kWords, kWords, FromGroup::Last));
    check_values(last.matrix(0, 0), {1, 0, 0, 1. / 3, 2. / 3, 0, .25, .5, .25});
    check_values(even_matrix(last), {1, 0, 0, 1. / 3, 2. / 3, 0, .25, .5, .25});
}

TEST_CASE("units: other weights are gathered after they are shown on tokens") {
    const TracePtr tokens = uniform_causal();
    const auto raw = std::make_shared<const GroupedTrace>(tokens, groups(kWords, kWords));
    // Without token 0 the rows are (-), (0 1), (0 .5 .5), (0 1/3 1/3 1/3).
    const auto rest =
        WeightedTrace::between_units(WeightedTrace::without_sink(tokens, {true, false, false, false}), raw);
    check_values(rest->matrix(0, 0), {0, 0, 0, 0, 1, 0, 0, 2. / 3, 1. / 3});
    CHECK(rest->is_sink(0));
    CHECK(!rest->is_sink(1));
    const auto states = rest->rest(0, 0);
    CHECK(states[0].state == RowRest::NoKeys);
    CHECK(states[1].state == RowRest::Shown);
    CHECK(states[1].removed == doctest::Approx(5. / 12));
    std::vector<RowStats> rows(3);
    rest->row_stats(0, 0, rows);
    CHECK(rows[0].num_keys == 0);
    CHECK(rows[2].row_sum == doctest::Approx(1));
    // Values: a sum over the keys of a unit, a mean over its queries.
    auto factors = std::make_shared<CellFactors>();
    factors->key = Matrix(1, 4);
    factors->key.values = {1, 2, -4, 8};
    const auto effect =
        WeightedTrace::between_units(WeightedTrace::with_factors(tokens, WeightsShown::Effect, factors), raw);
    CHECK(effect->is_signed());
    check_values(effect->matrix(0, 0), {1, 0, 0, 5. / 12, (1. - 2. / 3) / 2, 0, .25, -.5, 2});
    CHECK(effect->raw() == raw);
    CHECK_THROWS_AS(WeightedTrace::between_units(
                        WeightedTrace::without_sink(uniform_causal(), {true, false, false, false}), raw),
                    std::invalid_argument);
}

TEST_CASE("units: those of another text are refused; long texts keep no rows") {
    using Bad = std::vector<TokenRange>;
    for (const Bad& bad : {Bad{{0, 1}, {2, 4}}, Bad{{0, 3}}, Bad{{0, 2}, {2, 2}, {2, 4}}, Bad{{0, 5}}, Bad{}})
        CHECK_THROWS_AS(GroupedTrace(uniform_causal(), groups(bad, kWords)), std::invalid_argument);
    // As many tokens as make one head too large to keep: rows are gathered again, the same ones.
    const int count = 5200;
    TraceInfo info = one_head(count, count);
    std::vector<float> weights(static_cast<std::size_t>(count) * static_cast<std::size_t>(count), 0.0f);
    for (int query = 0; query < count; ++query)
        weights[static_cast<std::size_t>(query) * static_cast<std::size_t>(count)] = 1;
    std::vector<TokenRange> words;
    for (int token = 0; token < count; ++token)
        words.push_back({token, token + 1});
    const GroupedTrace trace(make_dense_trace(info, std::move(weights)), groups(words, words));
    std::vector<float> row(static_cast<std::size_t>(count));
    trace.rows(0, 0, 4000, 4001, row);
    CHECK(row[0] == 1);
    CHECK(row[1] == 0);
    CHECK(trace.overview(0, 0).rows == 64);
    CHECK(trace.is_gathered(0, 0));
}

}  // namespace headlight
