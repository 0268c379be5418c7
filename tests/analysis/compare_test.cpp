// Two runs side by side: aligned tokens, divergences of rows and heads, metrics over the common rows.
#include <doctest/doctest.h>

#include <array>
#include <numbers>

#include "analysis/compare/metric_change.h"
#include "analysis/detector_examples.h"

using namespace headlight;
using doctest::Approx;

namespace {

using Pairs = std::vector<TokenAlignment::Pair>;

std::vector<Token> tokens_of(const std::vector<std::int32_t>& ids) {
    std::vector<Token> tokens(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i)
        tokens[i].id = ids[i];
    return tokens;
}

Pairs pairs_of(const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& b) {
    return align_tokens(tokens_of(a), tokens_of(b)).value().pairs;
}

RunAlignment alignment_of(const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& b) {
    RunAlignment out;
    out.queries = out.keys = align_tokens(tokens_of(a), tokens_of(b)).value();
    out.first_changed = out.queries.is_same_text() ? 0 : out.queries.num_equal_first;
    out.agrees_before = true;
    return out;
}

}  // namespace

TEST_CASE("alignment: longest common tokens, equal positions first, then the earlier ones") {
    CHECK(pairs_of({1, 2, 3}, {1, 2, 3}) == Pairs{{0, 0}, {1, 1}, {2, 2}});
    CHECK(pairs_of({1, 2, 3}, {1, 9, 3}) == Pairs{{0, 0}, {2, 2}});
    CHECK(pairs_of({1, 3}, {1, 9, 3}) == Pairs{{0, 0}, {1, 2}});  // one token came in
    CHECK(pairs_of({5, 1, 2}, {1, 2}) == Pairs{{1, 0}, {2, 1}});  // one fell out
    CHECK(pairs_of({9, 7}, {7, 7}) == Pairs{{1, 1}});             // both are as long: equal positions
    CHECK(pairs_of({8, 7}, {7, 9, 7}) == Pairs{{1, 0}});          // both are as good: the earlier key
    CHECK(pairs_of({1, 2, 1, 2}, {2, 1, 2, 1}).size() == 3);      // length goes before positions
    CHECK(pairs_of({}, {1}).empty());
    CHECK(pairs_of({1, 2}, {3, 4}).empty());
    const TokenAlignment cut = align_tokens(tokens_of({1, 2, 3}), tokens_of({1, 2})).value();
    CHECK(cut.num_equal_first == 2);
    CHECK(!cut.is_same_text());
    CHECK(cut.partners() == std::vector<int>{0, 1, -1});
    CHECK(cut.partners_in_a() == std::vector<int>{0, 1});
}

TEST_CASE("alignment: a special token is paired with special ones only") {
    std::vector<Token> a = tokens_of({2, 5}), b = tokens_of({2, 5});
    b[0].is_special = true;
    const TokenAlignment aligned = align_tokens(a, b).value();
    CHECK(aligned.pairs == Pairs{{1, 1}});
    CHECK(aligned.num_equal_first == 0);
    CHECK(!aligned.is_same_text());
}

TEST_CASE("alignment: texts too long to be aligned are refused") {
    const auto refused =
        align_tokens(std::vector<Token>(9000, Token{.id = 1}), std::vector<Token>(9000, Token{.id = 2}));
    REQUIRE(!refused);
    CHECK(refused.error().kind == ErrorKind::InvalidInput);
    CHECK(align_tokens(std::vector<Token>(9000), std::vector<Token>(9000)).value().pairs.size() == 9000);
}

TEST_CASE("row divergence: closed forms") {
    const Pairs both = {{0, 0}, {1, 1}};
    const std::array<float, 2> sharp = {1, 0}, even = {.5f, .5f};
    CHECK(compare_rows(sharp, {0, 2}, even, {0, 2}, both).jsd == Approx(.215762).epsilon(1e-5));
    CHECK(compare_rows(even, {0, 2}, even, {0, 2}, both).jsd == 0);
    const std::array<float, 2> other = {0, 1};
    CHECK(compare_rows(sharp, {0, 2}, other, {0, 2}, both).jsd == Approx(std::numbers::ln2));
    // (.5, .2 | .3) and (.5, .4 | .1): the third key is on either side another one.
    const std::array<float, 3> p = {.5f, .2f, .3f}, q = {.5f, .4f, .1f};
    const RowDivergence row = compare_rows(p, {0, 3}, q, {0, 3}, both);
    CHECK(row.jsd == Approx(.043152).epsilon(1e-4));
    CHECK(row.rest == Approx(.2));
    CHECK(row.num_common == 2);
    // A key that only one of the masks allows is in the rest of the other.
    const RowDivergence hidden = compare_rows(p, {1, 3}, q, {0, 3}, both);
    CHECK(hidden.num_common == 1);
    CHECK(hidden.rest == Approx(.5 * (.8 + .6)));
}

TEST_CASE("head divergence: compared rows, and those behind the first difference") {
    const auto a = test::causal_trace(4, std::vector<test::WeightOf>{test::uniform, test::first});
    const auto b = test::causal_trace(4, std::vector<test::WeightOf>{test::uniform, test::identity});
    const RunAlignment alignment = alignment_of({1, 2, 3, 4}, {1, 9, 3, 4});
    const auto heads = compare_heads(*a, *b, alignment, same_heads(*a), {}).value();
    REQUIRE(heads.size() == 2);
    CHECK(heads[0].jsd.value() == Approx(0).epsilon(1e-6));
    CHECK(heads[0].num_rows == 2);  // row 0 has one key, row 1 another token
    CHECK(heads[0].rest == Approx(.5 * (1. / 3 + 1. / 4)).epsilon(1e-5));
    CHECK(heads[1].jsd_after.value() == Approx(std::numbers::ln2));
    CHECK(heads[1].row_jsd[1] == 0);
    CHECK(most_changed(heads) == std::vector<std::size_t>{1, 0});
    // One model on one text against another run: every row may differ.
    const auto same = compare_heads(*a, *b, alignment_of({1, 2, 3, 4}, {1, 2, 3, 4}), same_heads(*a), {});
    CHECK(same.value()[1].num_rows == 3);
    CHECK(same.value()[1].num_rows_after == 3);
    CHECK(same.value()[1].rest == 0);
    // Rows before the first difference dilute the mean.
    const RunAlignment late = alignment_of({1, 2, 3, 4}, {1, 2, 9, 4});
    const auto cut = compare_heads(*a, *b, late, same_heads(*a), {}).value();
    CHECK(cut[1].num_rows == 2);
    CHECK(cut[1].num_rows_after == 1);
    // Nothing in common: no row, and no number.
    const auto none =
        compare_heads(*a, *b, alignment_of({1, 2, 3, 4}, {6, 7, 8, 9}), same_heads(*a), {}).value();
    CHECK(!none[0].jsd);
    CHECK(none[0].num_rows == 0);
    // Two heads of one run.
    const HeadPair pair{{0, 0}, {0, 1}};
    const auto two = compare_heads(*a, *a, alignment_of({1, 2}, {1, 2}), std::span(&pair, 1), {}).value();
    CHECK(two[0].jsd.value() == Approx(.215762).epsilon(1e-5));  // row 1: (.5, .5) and (1, 0)
}

TEST_CASE("metric changes: over the common rows behind the first difference") {
    const auto a = test::causal_trace(4, test::uniform), b = test::causal_trace(4, test::first);
    const RunAlignment alignment = alignment_of({1, 2, 3, 4}, {1, 2, 9, 4});  // row 3 alone
    const auto changes = compare_metrics(*a, *b, alignment, {{0, 0}, {0, 0}});
    const auto change = [&](std::string_view id) {
        return *std::find_if(changes.begin(), changes.end(),
                             [&](const MetricChange& one) { return one.metric->id == id; });
    };
    CHECK(change("entropy").a.value() == Approx(std::log(4.0)));
    CHECK(change("entropy").b.value() == 0);
    CHECK(change("first_token_mass").difference().value() == Approx(-.75));
    CHECK(!change("entropy_without_sink").difference());  // b rests: there is nothing to take one of
    const std::vector<std::vector<MetricChange>> both = {changes, changes};
    CHECK(mean_changes(both)[0].a.value() == Approx(changes[0].a.value()));
}
