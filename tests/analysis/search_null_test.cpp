// What chance gives in a search: how seldom random heads fit random drawings, and that a planted head is
// found.
#include <doctest/doctest.h>

#include <cmath>
#include <memory>

#include "analysis/patterns.h"
#include "analysis/search/drawing.h"
#include "analysis/search/search.h"
#include "analysis/statistics/split_mix.h"

using namespace headlight;
using namespace headlight::test;

namespace {

/// A head without structure, as random weights give them: softmax of scores with a part of the query, a part
/// of the key and noise.
WeightOf softmax_head(std::uint64_t seed, int count, double query_part, double key_part, double noise_part) {
    auto rows = std::make_shared<std::vector<double>>(static_cast<std::size_t>(count * count));
    SplitMix random(seed);
    const auto draw = [&random] {  // near enough to normal
        double sum = 0;
        for (int i = 0; i < 12; ++i)
            sum += static_cast<double>(random.next() >> 11) * 0x1p-53;
        return sum - 6;
    };
    std::vector<double> keys;
    for (int i = 0; i < count; ++i)
        keys.push_back(draw());
    for (int query = 0; query < count; ++query) {
        const double sharpness = 1 + query_part * std::abs(draw());
        double total = 0;
        for (int key = 0; key <= query; ++key) {
            const double score =
                sharpness * (key_part * keys[static_cast<std::size_t>(key)] + noise_part * draw());
            total += (*rows)[static_cast<std::size_t>(query * count + key)] = std::exp(score);
        }
        for (int key = 0; key <= query; ++key)
            (*rows)[static_cast<std::size_t>(query * count + key)] /= total;
    }
    return
        [rows, count](int query, int key) { return (*rows)[static_cast<std::size_t>(query * count + key)]; };
}

/// A drawing of one to three strokes anywhere.
PairTemplate random_drawing(SplitMix& random, int count) {
    std::vector<Stroke> all;
    const std::size_t num_strokes = 1 + random.below(3);
    const auto place = [&] { return static_cast<int>(random.below(static_cast<std::size_t>(count))); };
    for (std::size_t i = 0; i < num_strokes; ++i) {
        Stroke stroke;
        switch (random.below(4)) {
            case 0:
                stroke.first_query = place();
                stroke.last_query = std::min(count - 1, stroke.first_query + place() / 3);
                stroke.first_key = place() * stroke.first_query / count;
                stroke.last_key = std::min(count - 1, stroke.first_key + place() / 3);
                break;
            case 1:
                stroke.first_key = stroke.last_key = place();
                stroke.first_query = place();
                break;
            case 2:
                stroke.kind = Stroke::Kind::Stripe;
                stroke.offset = place() / 2;
                stroke.first_query = place();
                stroke.last_query = std::min(count - 1, stroke.first_query + place() / 2);
                break;
            default:
                stroke.kind = Stroke::Kind::Brush;
                stroke.width = 1 + static_cast<int>(random.below(4));
                for (int point = 0; point < 12; ++point) {
                    const int query = place();
                    stroke.points.emplace_back(query, query == 0 ? 0 : place() % (query + 1));
                }
        }
        all.push_back(stroke);
    }
    return draw_strokes(all, count, count, true);
}

}  // namespace

TEST_CASE("random heads seldom fit random drawings: at most 5 % with q < 0.05") {
    constexpr int kTokens = 48, kHeads = 40, kDrawings = 60;
    int num_tests = 0, num_shift = 0, num_rows = 0, num_p = 0;
    SplitMix random(11);
    for (int drawing = 0; drawing < kDrawings; ++drawing) {
        std::vector<WeightOf> heads;
        for (int head = 0; head < kHeads; ++head) {
            // From heads that look at everything alike to heads that choose a few keys, some by key alone.
            const double key_part = head % 4 == 0 ? 1.0 : 0.0;
            heads.push_back(softmax_head(random.next(), kTokens, 0.2, key_part, 0.02 + 0.05 * head));
        }
        SearchOptions options;
        options.num_row_orders = 299;
        const auto result =
            search_heads(*causal_trace(kTokens, heads), random_drawing(random, kTokens), options, {});
        if (!result) continue;
        for (const HeadFit& head : result->heads) {
            ++num_tests;
            num_shift += head.q && *head.q < 0.05;
            num_rows += head.q_rows && *head.q_rows < 0.05;
            num_p += head.p && *head.p <= 0.05;
        }
    }
    MESSAGE("of ", num_tests, " fits: q < 0.05 by shifts ", num_shift, ", by rows ", num_rows,
            "; p <= 0.05 by shifts ", num_p);
    REQUIRE(num_tests > 1000);
    CHECK(num_shift <= 0.05 * num_tests);
    CHECK(num_rows <= 0.05 * num_tests);
}

TEST_CASE("a head that is drawn is found") {
    constexpr int kTokens = 60;
    std::vector<WeightOf> heads;
    for (std::uint32_t head = 0; head < 15; ++head)
        heads.push_back(softmax_head(head + 1, kTokens, 0.2, 0.5, 0.5));
    // Queries 30 to 40 look at keys 5 to 8.
    heads.push_back([](int query, int key) {
        if (query < 30 || query > 40) return 1.0 / (query + 1);
        return key >= 5 && key <= 8 ? 0.9 / 4 : 0.1 / (query - 3);
    });
    const auto result = search_heads(
        *causal_trace(kTokens, heads),
        draw_strokes(
            std::vector<Stroke>{*parse_stroke(std::vector<std::string>{"box", "30", "40", "5", "8"})},
            kTokens, kTokens, true),
        {}, {});
    REQUIRE(result);
    for (const FitMeasure measure :
         {FitMeasure::Mass, FitMeasure::Kappa, FitMeasure::Cosine, FitMeasure::Pearson})
        CHECK(best_first(*result, measure).front() == 15);
    CHECK(*result->heads[15].p < 0.05);
    CHECK(*result->heads[15].p_rows < 0.01);
}
