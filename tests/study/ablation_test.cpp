// Effects of ablations against sums worked out by hand.
#include <doctest/doctest.h>

#include <cmath>

#include "analysis/statistics/statistics.h"
#include "core/cause/answer_metrics.h"
#include "study/ablation/measure.h"
#include "study/ablation/sweep.h"
#include "study/validation_fake.h"

using namespace headlight;
using test::FakeRunner;

namespace {

/// Layer l, head h costs 0.1 (l + 1) + 0.01 h nats on even t, and saves 0.02 on odd t.
FakeRunner sloped_model() {
    FakeRunner runner(2, 3);
    runner.laws.base_loss = [](std::span<const std::int32_t> ids, int t) {
        return static_cast<float>(ids[static_cast<std::size_t>(t)]);
    };
    runner.laws.delta = [](std::span<const Intervention> set, std::span<const std::int32_t>, int t) {
        float sum = 0;
        for (const Intervention& one : set) {
            for (const HeadId head : one.heads)
                sum += t % 2 == 0
                           ? 0.1f * static_cast<float>(head.layer + 1) + 0.01f * static_cast<float>(head.head)
                           : -0.02f;
        }
        return sum;
    };
    return runner;
}

SweepRequest two_texts() {
    SweepRequest request;
    request.texts = {{1, 2, 3, 4, 5}, {7, 9}};  // scored: 4 and 1
    return request;
}

}  // namespace

TEST_CASE("sweep: losses are means over all tokens of all texts") {
    FakeRunner runner = sloped_model();
    const auto effects = sweep_heads(runner, two_texts(), {});
    REQUIRE(effects);
    REQUIRE(effects->size() == 6);
    const AblationEffect& last = effects->back();  // L1H2: +0.22, -0.02, +0.22, -0.02 and +0.22
    CHECK(last.heads == std::vector<HeadId>{{1, 2}});
    CHECK(last.mode == InterventionMode::ZeroOutput);
    CHECK(last.num_tokens == 5);
    CHECK(last.base_loss == doctest::Approx((1 + 2 + 3 + 4 + 7) / 5.0));  // not (2.5 + 7) / 2
    CHECK(last.delta == doctest::Approx(0.62 / 5));
    CHECK(last.loss == doctest::Approx(17.0 / 5 + 0.62 / 5));
    CHECK(last.worse_share == doctest::Approx(3.0 / 5));
    CHECK_FALSE(last.mean_kl.has_value());
    // Two texts: every resample is the first twice (0.1), the second twice (0.22), or both.
    REQUIRE(last.low.has_value());
    CHECK(*last.low < last.delta);
    CHECK(*last.high > last.delta);
    CHECK(effects->front().delta == doctest::Approx((0.1 * 3 - 0.02 * 2) / 5));
}

TEST_CASE("sweep: the interval of one text is over its tokens, and scored tokens alone count") {
    FakeRunner runner = sloped_model();
    SweepRequest request;
    request.texts = {{1, 2, 3, 4, 5, 6}};
    request.heads = {{0, 0}};
    request.seed = 5;
    const auto all = sweep_heads(runner, request, {});
    REQUIRE(all);
    const std::vector<double> deltas = {2.1 - 2, -0.02, 0.1, -0.02, 0.1};
    const Interval expected = bootstrap_mean(deltas, 5);
    CHECK(*all->front().low == doctest::Approx(expected.low).epsilon(1e-5));
    CHECK(*all->front().high == doctest::Approx(expected.high).epsilon(1e-5));
    request.scored = {{false, true, false, true, false}};
    request.wants_distribution = true;
    const auto odd = sweep_heads(runner, request, {});
    REQUIRE(odd);
    CHECK(odd->front().num_tokens == 2);
    CHECK(odd->front().delta == doctest::Approx(-0.02));
    CHECK(odd->front().worse_share == 0);
    CHECK(*odd->front().mean_kl ==
          doctest::Approx(0.25));  // the last position predicts nothing that is scored
    CHECK(*odd->front().mean_tvd == doctest::Approx(0.125));
}

TEST_CASE("sweep: the mean output is taken over all texts, each token weighing the same") {
    FakeRunner runner = sloped_model();
    std::vector<float> seen;
    runner.laws.delta = [&](std::span<const Intervention> set, std::span<const std::int32_t>, int) {
        seen = set.front().outputs.front();
        return 0.0f;
    };
    SweepRequest request = two_texts();
    request.mode = InterventionMode::MeanOutput;
    request.heads = {{1, 0}};
    REQUIRE(sweep_heads(runner, request, {}));
    REQUIRE(seen.size() == 2);
    CHECK(seen[0] == doctest::Approx((5 * 1 + 2 * 7) / 7.0 + 3));
}

TEST_CASE("sweep: texts one at a time give what texts kept together give") {
    FakeRunner runner = sloped_model();
    const auto together = sweep_heads(runner, two_texts(), {});
    runner.fake_spec.vocab_size = 1 << 30;  // logits that no memory would keep
    std::vector<AblationEffect> reported;
    const auto apart = sweep_heads(runner, two_texts(), {},
                                   [&](const AblationEffect& effect) { reported.push_back(effect); });
    REQUIRE(together);
    REQUIRE(apart);
    REQUIRE(reported.size() == together->size());
    for (std::size_t i = 0; i < together->size(); ++i) {
        CHECK((*apart)[i].delta == (*together)[i].delta);
        CHECK((*apart)[i].low == (*together)[i].low);
        CHECK(reported[i].heads == (*together)[i].heads);
    }
}

TEST_CASE("sweep: what was measured before a stop stays") {
    FakeRunner runner = sloped_model();
    std::stop_source stop;
    std::vector<AblationEffect> kept;
    const auto keep = [&](const AblationEffect& effect) {
        kept.push_back(effect);
        if (kept.size() == 2) stop.request_stop();
    };
    const auto result = sweep_heads(runner, two_texts(), JobContext(stop.get_token()), keep);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Cancelled);
    CHECK(kept.size() == 2);
    // Text by text: the sets are reported over the texts that were finished.
    runner.fake_spec.vocab_size = 1 << 30;
    std::stop_source second;
    const auto delta = runner.laws.delta;
    runner.laws.delta = [&](std::span<const Intervention> set, std::span<const std::int32_t> ids, int t) {
        if (ids.size() == 2) second.request_stop();
        return delta(set, ids, t);
    };
    kept.clear();
    const auto halfway = sweep_heads(runner, two_texts(), JobContext(second.get_token()),
                                     [&](const AblationEffect& effect) { kept.push_back(effect); });
    REQUIRE_FALSE(halfway);
    REQUIRE(kept.size() == 6);
    CHECK(kept.back().num_tokens == 4);
    CHECK(kept.back().delta == doctest::Approx(0.1));
}

TEST_CASE("ablation: several changes at once, and requests that cannot be") {
    FakeRunner runner = sloped_model();
    Intervention one, two;
    one.heads = {{0, 0}, {0, 1}};
    two.heads = {{1, 0}};
    two.mode = InterventionMode::Identity;
    const auto both = measure_ablation(runner, two_texts(), {one, two}, {});
    REQUIRE(both);
    CHECK(both->heads.size() == 3);
    CHECK(both->delta == doctest::Approx((3 * (0.1 + 0.11 + 0.2) - 2 * 0.06) / 5));
    SweepRequest request = two_texts();
    request.heads = {{2, 0}};
    CHECK(sweep_heads(runner, request, {}).error().kind == ErrorKind::InvalidInput);
    request.heads = {{0, 0}};
    request.mode = InterventionMode::Pattern;
    CHECK(sweep_heads(runner, request, {}).error().kind == ErrorKind::InvalidInput);
    request = two_texts();
    request.texts.push_back({3});
    CHECK(sweep_heads(runner, request, {}).error().kind == ErrorKind::InvalidInput);
    request.texts.clear();
    CHECK(sweep_heads(runner, request, {}).error().kind == ErrorKind::InvalidInput);
}

TEST_CASE("ablation: a model that reads both ways has no loss, only outputs that change") {
    FakeRunner runner = sloped_model();
    runner.fake_spec.is_causal = false;
    SweepRequest request = two_texts();
    CHECK(sweep_heads(runner, request, {}).error().kind == ErrorKind::Unsupported);
    request.wants_distribution = true;
    const auto effects = sweep_heads(runner, request, {});
    REQUIRE(effects);
    CHECK(std::isnan(effects->front().delta));
    CHECK(effects->front().num_tokens == 7);
    CHECK(*effects->front().mean_kl == doctest::Approx((5 * 0.25 + 200) / 7));
}

TEST_CASE("sweep: heads, layers and feed-forward parts by what they do to an answer") {
    FakeRunner runner = sloped_model();
    // A head of layer 1 takes 1 from the answer, a feed-forward part of layer 0 gives 2 to the rival.
    runner.laws.logits = [](std::span<const Intervention> set) {
        std::vector<float> logits = {3, 1, 0};
        for (const Intervention& one : set) {
            for (const HeadId head : one.heads)
                logits[0] -= static_cast<float>(head.layer);
            for (const int layer : one.mlp_layers)
                logits[1] += layer == 0 ? 2.0f : 0.0f;
        }
        return logits;
    };
    SweepRequest request;
    request.texts = {{1, 2, 3}};
    request.parts = {SweptPart::Head, SweptPart::Layer, SweptPart::Mlp};
    request.question = Question{.position = 1, .answer = 0, .rival = 1};
    const auto effects = sweep_heads(runner, request, {});
    REQUIRE_MESSAGE(effects.has_value(), (effects ? "" : effects.error().message));
    REQUIRE(effects->size() == 6 + 2 + 2);
    const AblationEffect &head = (*effects)[5], &layer = (*effects)[7], &mlp = (*effects)[8];
    CHECK(head.base_answer->difference == 2);
    CHECK(head.base_answer->probability == doctest::Approx(std::exp(3) / (std::exp(3) + std::exp(1) + 1)));
    CHECK(head.base_answer->kl == 0);
    CHECK(head.answer->answer_logit == 2);
    CHECK(head.answer->difference == 1);
    CHECK(head.answer->kl > 0);
    CHECK(layer.heads.size() == 3);
    CHECK(layer.answer->answer_logit == 0);
    CHECK(mlp.heads.empty());
    CHECK(mlp.mlp_layers == std::vector<int>{0});
    CHECK(mlp.answer->rival_logit == 3);
    CHECK((*effects)[9].answer->difference == 2);
    request.heads = {{1, 0}};  // layers are those of the named heads
    request.parts = {SweptPart::Mlp};
    CHECK(sweep_heads(runner, request, {})->front().mlp_layers == std::vector<int>{1});
    request.texts = {{1, 2, 3}, {4, 5}};
    CHECK(sweep_heads(runner, request, {}).error().kind == ErrorKind::InvalidInput);
}

TEST_CASE("answers: metrics of one row in closed form") {
    const std::vector<float> logits = {2, 1, 0, -1}, even = {0, 0, 0, 0};
    const AnswerMetrics sure = answer_metrics(logits, even, {.position = 0, .answer = 0, .rival = {}});
    CHECK(sure.probability == doctest::Approx(.643914).epsilon(1e-5));
    CHECK(sure.rival_logit == .5f);  // the mean
    CHECK(sure.difference == 1.5f);
    // KL((.9, .1) || (.5, .5)) and back.
    const std::vector<float> sharp = {std::log(.9f), std::log(.1f)}, half = {7, 7};
    CHECK(kl_of_logits(sharp, half) == doctest::Approx(.368064).epsilon(1e-5));
    CHECK(kl_of_logits(half, sharp) == doctest::Approx(.510826).epsilon(1e-5));
    CHECK(kl_of_logits(half, half) == 0);
}
