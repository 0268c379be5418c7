// Searching heads by a template: closed forms of the scores, nulls by hand, drawings.
#include "analysis/search/search.h"

#include <doctest/doctest.h>

#include "analysis/patterns.h"
#include "analysis/search/drawing.h"
#include "analysis/search/moved_pairs.h"

using namespace headlight;
using namespace headlight::test;

namespace {

/// Three keys for each query, no mask: row 0 as given, the others uniform.
TracePtr row_trace(const std::vector<float>& row) {
    TraceInfo info;
    info.num_layers = info.num_heads = 1;
    info.num_queries = info.num_keys = static_cast<int>(row.size());
    info.is_causal = false;
    std::vector<float> weights = row;
    weights.resize(row.size() * row.size(), 1.0f / static_cast<float>(row.size()));
    return make_dense_trace(info, weights);
}

/// T in row 0 only.
PairTemplate row_template(const std::vector<float>& row) {
    std::vector<float> cells = row;
    cells.resize(row.size() * row.size(), 0.0f);
    return *template_of_cells(cells, static_cast<int>(row.size()), static_cast<int>(row.size()));
}

HeadFit fit_row(const std::vector<float>& row, const std::vector<float>& drawn) {
    const TracePtr trace = row_trace(row);
    const auto result = search_heads(*trace, row_template(drawn), {}, {});
    REQUIRE(result);
    return result->heads[0];
}

PairTemplate strokes(const std::vector<std::vector<std::string>>& lines, int count, bool is_causal = true) {
    std::vector<Stroke> all;
    for (const auto& line : lines) {
        const auto stroke = parse_stroke(line);
        REQUIRE(stroke);
        all.push_back(*stroke);
    }
    return draw_strokes(all, count, count, is_causal);
}

/// "2:0,1;3:1": the pairs of a template row by row.
std::string cells_of(const PairTemplate& pairs) {
    std::string out;
    for (int query = 0; query < pairs.num_queries; ++query) {
        const auto begin = pairs.row_begin[static_cast<std::size_t>(query)],
                   end = pairs.row_begin[static_cast<std::size_t>(query) + 1];
        if (begin == end) continue;
        out += (out.empty() ? "" : ";") + std::to_string(query) + ":";
        for (auto i = begin; i < end; ++i)
            out += (i == begin ? "" : ",") + std::to_string(pairs.keys[i]);
    }
    return out;
}

WeightOf random_head(std::uint32_t seed) {
    return noise(seed);
}

}  // namespace

TEST_CASE("a row's mass, cosine and Pearson are the closed forms") {
    const HeadFit given = fit_row({.2f, .5f, .3f}, {0, 1, 1});
    CHECK(*given.mass == doctest::Approx(.8).epsilon(1e-6));
    CHECK(*given.cosine == doctest::Approx(.917663).epsilon(1e-6));
    CHECK(*given.pearson == doctest::Approx(.755929).epsilon(1e-6));
    CHECK(*given.null == doctest::Approx(2.0 / 3));
    CHECK(*given.lift == doctest::Approx(1.2).epsilon(1e-6));
    CHECK(*given.kappa == doctest::Approx(.4).epsilon(1e-6));
    CHECK(given.num_rows == 1);

    const HeadFit even = fit_row({1 / 3.f, 1 / 3.f, 1 / 3.f}, {0, 1, 1});
    CHECK(*even.mass == doctest::Approx(2.0 / 3).epsilon(1e-6));
    CHECK(*even.cosine == doctest::Approx(.816497).epsilon(1e-6));
    CHECK(!even.pearson);

    const HeadFit one_hot = fit_row({0, 1, 0}, {0, 1, 1});
    CHECK(*one_hot.mass == doctest::Approx(1));
    CHECK(*one_hot.cosine == doctest::Approx(.707107).epsilon(1e-6));
    CHECK(*one_hot.pearson == doctest::Approx(.5).epsilon(1e-6));
}

TEST_CASE("pairs are the cells of at least half of the row's largest") {
    const HeadFit fit = fit_row({.2f, .5f, .3f}, {.9f, 2, 1});
    CHECK(*fit.mass == doctest::Approx(.8).epsilon(1e-6));
    // A·T = .18 + 1 + .3, |A|² = .38, |T|² = 5.81
    CHECK(*fit.cosine == doctest::Approx(1.48 / std::sqrt(.38 * 5.81)).epsilon(1e-6));
}

TEST_CASE("rows without a drawing, or with the same everywhere, say nothing") {
    const TracePtr trace = causal_trace(4, previous);
    // Row 1 is drawn over both of its keys, row 2 on its previous one, row 0 and 3 on none.
    const auto pairs =
        template_of_cells(std::vector<float>{0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}, 4, 4);
    const auto result = search_heads(*trace, *pairs, {}, {});
    REQUIRE(result);
    CHECK(result->heads[0].num_rows == 1);
    CHECK(*result->heads[0].mass == doctest::Approx(1));
    CHECK(*result->heads[0].null == doctest::Approx(1.0 / 3));
    CHECK(!search_heads(*trace, *template_of_cells(std::vector<float>(16, 0), 4, 4), {}, {}));
    // Above the diagonal of a causal text there is nothing to look at.
    CHECK(!search_heads(
        *trace, *template_of_cells(std::vector<float>{0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0}, 4, 4),
        {}, {}));
    CHECK(!template_of_cells(std::vector<float>{0, -1, 0, 0}, 2, 2));
    CHECK(!template_of_cells(std::vector<float>{0, 1, 0}, 2, 2));
    CHECK(!search_heads(*trace, row_template({0, 1, 1}), {}, {}));
}

TEST_CASE("a uniform head has lift 1 and kappa 0 under every drawing") {
    const TracePtr trace = causal_trace(9, uniform);
    for (const auto& line : std::vector<std::vector<std::string>>{
             {"stripe", "1"}, {"column", "2"}, {"box", "3", "6", "0", "2"}, {"diagonal", "3"}}) {
        const auto result = search_heads(*trace, strokes({line}, 9), {}, {});
        REQUIRE(result);
        CHECK(*result->heads[0].lift == doctest::Approx(1).epsilon(1e-6));
        CHECK(*result->heads[0].kappa == doctest::Approx(0).epsilon(1e-6));
        CHECK(!result->heads[0].pearson);
    }
}

TEST_CASE("a positional drawing does not change along the diagonal: no p, and it is said") {
    const TracePtr trace = causal_trace(40, std::vector<WeightOf>{previous, random_head(1), random_head(2)});
    const auto result = search_heads(*trace, strokes({{"stripe", "1"}}, 40), {}, {});
    REQUIRE(result);
    for (const HeadFit& head : result->heads) {
        CHECK(!head.p);
        CHECK(!head.q);
        CHECK(head.p_rows);
    }
    CHECK(result->num_shifts == 0);
    CHECK(result->shift_note.find("leaves it as it is") != std::string::npos);
    CHECK(*result->heads[0].mass == doctest::Approx(1));
    CHECK(*result->heads[0].p_rows < 0.01);
    CHECK(*result->heads[0].p_heads == doctest::Approx(1.0 / 3));
    // Part of a stripe is no positional drawing.
    const auto part = search_heads(*trace, strokes({{"stripe", "1", "1", "4", "7"}}, 40), {}, {});
    REQUIRE(part);
    CHECK(part->num_shifts > 0);
    CHECK(*part->heads[0].p > 0.5);  // this head does the same elsewhere
    CHECK(part->shift_note.find("no p below") != std::string::npos);
}

TEST_CASE("shifts move pairs round the text and drop those above the diagonal") {
    // One pair (2, 0) of four tokens: shift 1 gives (3, 1), 2 gives (0, 2), dropped, 3 gives (1, 3), dropped.
    const TracePtr trace = causal_trace(4, [](int query, int key) {
        if (query == 2) return key == 0 ? .8 : .1;
        return 1.0 / (query + 1);
    });
    const auto pairs = strokes({{"box", "2", "2", "0", "0"}}, 4);
    const MaskedTemplate masked = mask_template(pairs, *trace, 0);
    const MovedPairs moved = MovedPairs::along_diagonal(masked, {1, 2, 3}, true);
    CHECK(moved.count() == 1);
    CHECK(moved.is_changed());
    const auto result = search_heads(*trace, pairs, {}, {});
    CHECK(*result->heads[0].p == doctest::Approx(0.5));  // (1 + 0) / (1 + 1): row 3 is even
    const auto other = search_heads(*trace, strokes({{"box", "3", "3", "1", "1"}}, 4), {}, {});
    // Shift 3 takes (3, 1) to (2, 0): it holds more.
    CHECK(*other->heads[0].p == doctest::Approx(1));
}

TEST_CASE("without a mask everything comes back round the end") {
    TraceInfo info;
    info.num_layers = info.num_heads = 1;
    info.num_queries = info.num_keys = 3;
    info.is_causal = false;
    const TracePtr trace = make_dense_trace(info, {.1f, .7f, .2f, .3f, .4f, .3f, .2f, .2f, .6f});
    const auto pairs = strokes({{"box", "0", "0", "1", "1"}}, 3, false);
    const MovedPairs moved = MovedPairs::along_diagonal(mask_template(pairs, *trace, 0), {1, 2}, false);
    CHECK(moved.count() == 2);
    // (0, 1) .7 against (1, 2) .3 and (2, 0) .2; (0, 2) alone would fill its diagonal: n/a
    const auto result = search_heads(*trace, pairs, {}, {});
    REQUIRE(result);
    CHECK(*result->heads[0].p == doctest::Approx(1.0 / 3));
}

TEST_CASE("rows change places with rows of a similar number of keys only") {
    const TracePtr trace = causal_trace(40, random_head(3));
    const auto pairs = strokes({{"box", "20", "22", "0", "4"}}, 40);
    const MaskedTemplate masked = mask_template(pairs, *trace, 0);
    const MovedPairs moved = MovedPairs::among_rows(masked, 50, 7);
    CHECK(moved.count() == 50);
    CHECK(moved.is_changed());
    // A column is the same for every row.
    const auto column = search_heads(*trace, strokes({{"column", "3"}}, 40), {}, {});
    CHECK(!column->heads[0].p_rows);
    CHECK(column->rows_note.find("changes nothing") != std::string::npos);
    CHECK(column->heads[0].p);
}

TEST_CASE("fewer shifts are a part of more, and what was reached is said") {
    const TracePtr trace = causal_trace(64, std::vector<WeightOf>{random_head(1), random_head(2)});
    const auto pairs = strokes({{"box", "10", "40", "2", "8"}}, 64);
    SearchOptions few;
    few.most_lookups = 2.0 * 2 * 31 * 10;
    const auto quick = search_heads(*trace, pairs, few, {});
    REQUIRE(quick);
    CHECK(quick->num_shifts <= 10);
    CHECK(!quick->is_final);
    const auto full = search_heads(*trace, pairs, {}, {});
    REQUIRE(full);
    CHECK(full->is_final);
    CHECK(full->num_row_orders == 999);
    CHECK(*full->heads[0].mass == *quick->heads[0].mass);
}

TEST_CASE("layers with a window, and layers without attention") {
    TraceInfo info;
    info.num_layers = 3;
    info.num_heads = 1;
    info.num_queries = info.num_keys = 6;
    info.window = {0, 2, 0};
    info.absent_layers = {2};
    std::vector<float> weights;
    for (int layer = 0; layer < 3; ++layer) {
        for (int query = 0; query < 6; ++query) {
            for (int key = 0; key < 6; ++key) {
                const int begin = layer == 1 ? std::max(0, query - 1) : 0;
                const bool is_seen = layer < 2 && key >= begin && key <= query;
                weights.push_back(is_seen ? 1.0f / static_cast<float>(query - begin + 1) : 0.0f);
            }
        }
    }
    const TracePtr trace = make_dense_trace(info, weights);
    const auto result = search_heads(*trace, strokes({{"stripe", "1"}}, 6), {}, {});
    REQUIRE(result);
    CHECK(*result->heads[0].null == doctest::Approx((1 / 2. + 1 / 3. + 1 / 4. + 1 / 5. + 1 / 6.) / 5));
    CHECK(*result->heads[1].null == doctest::Approx(0.5));
    CHECK(!result->heads[2].mass);
    CHECK(!result->heads[2].p_rows);
    CHECK(best_first(*result, FitMeasure::Mass).back() == 2);
    // What the window hides is dropped.
    const auto far = search_heads(*trace, strokes({{"stripe", "3"}}, 6), {}, {});
    CHECK(far->heads[0].mass);
    CHECK(!far->heads[1].mass);
}

TEST_CASE("queries and keys of two texts: drawings have scores and rows, no shifts") {
    TraceInfo info;
    info.num_layers = info.num_heads = 1;
    info.num_queries = 4;
    info.num_keys = 3;
    info.is_causal = false;
    info.kind = AttentionKind::Cross;
    const TracePtr trace =
        make_dense_trace(info, {.2f, .5f, .3f, .1f, .1f, .8f, .3f, .3f, .4f, .5f, .25f, .25f});
    const auto pairs = template_of_cells(std::vector<float>{0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0}, 4, 3);
    const auto result = search_heads(*trace, *pairs, {}, {});
    REQUIRE(result);
    CHECK(*result->heads[0].mass == doctest::Approx((.8 + .5) / 2).epsilon(1e-6));
    CHECK(!result->heads[0].p);
    CHECK(result->heads[0].p_rows);
    CHECK(result->shift_note.find("two texts") != std::string::npos);
}

TEST_CASE("strokes") {
    CHECK(cells_of(strokes({{"stripe", "1"}}, 4)) == "1:0;2:1;3:2");
    CHECK(cells_of(strokes({{"stripe", "1", "2"}}, 4)) == "1:0;2:0,1;3:1,2");
    CHECK(cells_of(strokes({{"stripe", "1", "1", "2", "2"}}, 4)) == "2:1");
    CHECK(cells_of(strokes({{"diagonal"}}, 3)) == "0:0;1:1;2:2");
    CHECK(cells_of(strokes({{"column", "1"}}, 4)) == "1:1;2:1;3:1");
    CHECK(cells_of(strokes({{"column", "0", "2", "last"}}, 4)) == "2:0;3:0");
    CHECK(cells_of(strokes({{"row", "2"}}, 4)) == "2:0,1,2");
    CHECK(cells_of(strokes({{"box", "3", "2", "1", "0"}}, 4)) == "2:0,1;3:0,1");
    CHECK(cells_of(strokes({{"box", "0", "last", "0", "last"}, {"erase", "diagonal"}}, 3)) == "1:0;2:0,1");
    CHECK(cells_of(strokes({{"brush", "2", "2", "0"}}, 5)) == "2:0,1;3:0,1");
    CHECK(cells_of(strokes({{"brush", "1", "2", "0", "3", "3"}}, 5)) == "2:0;3:3");
    CHECK(cells_of(strokes({{"stripe", "-1"}}, 3, false)) == "0:1;1:2");
    CHECK(cells_of(strokes({{"box", "90", "99", "0", "5"}}, 4)).empty());
    for (const auto& words : std::vector<std::vector<std::string>>{{},
                                                                   {"circle"},
                                                                   {"box", "1"},
                                                                   {"box", "1", "2", "3", "x"},
                                                                   {"column", "-1"},
                                                                   {"stripe"},
                                                                   {"row", "1", "2"},
                                                                   {"brush", "1", "2"},
                                                                   {"stripe", "1", "0"}}) {
        CHECK(!parse_stroke(words));
    }
    for (const auto& words : std::vector<std::vector<std::string>>{{"erase", "box", "1", "last", "0", "2"},
                                                                   {"stripe", "3", "2", "0", "last"},
                                                                   {"brush", "2", "4", "1"}}) {
        CHECK(stroke_words(*parse_stroke(words)) == words);
    }
    CHECK(rule_of_strokes(std::vector<Stroke>{*parse_stroke(std::vector<std::string>{"stripe", "2", "3"})}) ==
          "offset 1..3");
    CHECK(
        rule_of_strokes(std::vector<Stroke>{*parse_stroke(std::vector<std::string>{"column", "2"})}).empty());
}

TEST_CASE("a drawing full of gaps is moved to as many places as memory allows, also in a model of one head") {
    constexpr int kCount = 512;
    TraceInfo info;
    info.num_layers = info.num_heads = 1;
    info.num_queries = info.num_keys = kCount;
    info.is_causal = false;
    const TracePtr trace = make_dense_trace(info, std::vector<float>(kCount * kCount, 1.0f / kCount));
    std::vector<float> cells(kCount * kCount);
    std::uint32_t state = 1;
    for (float& cell : cells)
        cell = ((state = state * 1664525u + 1013904223u) >> 31) != 0 ? 1.0f : 0.0f;
    const auto result = search_heads(*trace, *template_of_cells(cells, kCount, kCount), {}, {});
    REQUIRE(result);
    CHECK(result->num_shifts > 99);  // 8 million runs of some 65,000
    CHECK(result->num_shifts < 150);
    CHECK(result->num_row_orders > 99);
    CHECK(result->num_row_orders < 150);
    CHECK_FALSE(result->is_final);
}
