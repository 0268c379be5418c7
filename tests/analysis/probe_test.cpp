#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "analysis/patterns.h"
#include "analysis/probes/probe.h"
#include "analysis/statistics/statistics.h"

using namespace headlight;
using doctest::Approx;

TEST_CASE("sign-flip test: all differences positive give 2^-n (closed form C22)") {
    for (const int n : {1, 3, 12, 19, 20}) {
        std::vector<double> differences;
        for (int i = 0; i < n; ++i)
            differences.push_back(0.1 + 0.01 * i);
        CHECK(sign_flip_p_value(differences) == Approx(std::pow(2.0, -n)).epsilon(1e-12));
    }
}

TEST_CASE("sign-flip test: small cases by hand, ties, and Monte Carlo beyond 20") {
    CHECK(sign_flip_p_value(std::vector<double>{3, -1, 2}) == Approx(2.0 / 8));
    CHECK(sign_flip_p_value(std::vector<double>{-1, -1}) == Approx(1.0));
    CHECK(sign_flip_p_value(std::vector<double>{0, 0, 0}) == Approx(1.0));
    CHECK(sign_flip_p_value(std::vector<double>{.1, .1, .1, .1, -.1}) == Approx(6.0 / 32));
    CHECK(sign_flip_p_value({}) == 1.0);
    CHECK(sign_flip_p_value(std::vector<double>(30, 1.0)) == Approx(1.0 / 20001));
}

TEST_CASE("Benjamini-Hochberg rejects the first two of the textbook ten (closed form C22)") {
    const std::vector<double> p = {.001, .008, .039, .041, .042, .06, .074, .205, .212, .216};
    const std::vector<double> q = benjamini_hochberg(p);
    CHECK(std::count_if(q.begin(), q.end(), [](double value) { return value <= .05; }) == 2);
    CHECK(q[0] == Approx(.01));
    CHECK(q[1] == Approx(.04));
    CHECK(q[2] == Approx(.084));  // the fifth decides: .042 * 10 / 5
    CHECK(q[9] == Approx(.216));
}

TEST_CASE("probe: sequences are BOS X X of ordinary tokens without repeats") {
    std::vector<bool> excluded(1000);
    for (int id = 100; id < 200; ++id)
        excluded[static_cast<std::size_t>(id)] = true;
    const ProbeSettings settings;
    const auto sequences = random_repeat_sequences(1000, 3, excluded, settings);
    REQUIRE(sequences.size() == 12);
    std::set<std::vector<std::int32_t>> distinct(sequences.begin(), sequences.end());
    CHECK(distinct.size() == 12);
    for (const auto& sequence : sequences) {
        REQUIRE(sequence.size() == 101);
        CHECK(sequence[0] == 3);
        std::set<std::int32_t> block(sequence.begin() + 1, sequence.begin() + 51);
        CHECK(block.size() == 50);
        CHECK(std::equal(sequence.begin() + 1, sequence.begin() + 51, sequence.begin() + 51));
        // 899 ordinary ids; a twentieth, 44, falls away at each end.
        CHECK(*block.begin() >= 45);
        CHECK(*block.rbegin() <= 955);
        CHECK(std::none_of(block.begin(), block.end(), [](int id) { return id >= 100 && id < 200; }));
    }
    CHECK(random_repeat_sequences(1000, 3, excluded, settings) == sequences);
    ProbeSettings other = settings;
    other.seed = 2;
    CHECK(random_repeat_sequences(1000, 3, excluded, other) != sequences);
    CHECK(random_repeat_sequences(1000, -1, {}, settings)[0].size() == 100);
}

TEST_CASE("probe: small vocabularies shorten the block or give nothing") {
    CHECK(random_repeat_sequences(11, 0, {}, {})[0].size() == 21);
    CHECK(random_repeat_sequences(4, 0, {}, {}).empty());
    CHECK(random_repeat_sequences(0, 0, {}, {}).empty());
    CHECK(random_repeat_sequences(-5, 0, {}, {}).empty());
    ProbeSettings none;
    none.num_sequences = 0;
    CHECK(random_repeat_sequences(100, 0, {}, none).empty());
}

namespace {

const ProbeScore& score_of(const std::vector<ProbeScore>& scores, std::string_view id) {
    for (const ProbeScore& score : scores) {
        if (id == score.detector->id) return score;
    }
    FAIL("no such detector");
    return scores.front();
}

/// Head 0: induction with strength 0.8; head 1: uniform.
void add_sequences(ProbeAccumulator& probe, int num_sequences) {
    const ProbeSettings settings{12, num_sequences, 1};
    for (const auto& ids : random_repeat_sequences(500, 0, {}, settings)) {
        const TracePtr trace = test::causal_trace(25, {[](int query, int key) {
                                                           if (query <= 12) return test::first(query, key);
                                                           return 0.2 * test::first(query, key) +
                                                                  (key == query - 11 ? 0.8 : 0.0);
                                                       },
                                                       test::uniform});
        const std::vector<Token> tokens = test::tokens_of(ids, 0);
        probe.add(*trace, tokens, detector_key_sets(tokens));
    }
}

}  // namespace

TEST_CASE("probe: scores, p-value, consistency and tags over twelve sequences") {
    ProbeAccumulator probe(1, 2);
    add_sequences(probe, 12);
    CHECK(probe.num_sequences() == 12);
    const auto found = probe.scores({0, 0}), even = probe.scores({0, 1});
    const ProbeScore& induction = score_of(found, "induction");
    double null = 0;
    for (int n = 14; n <= 25; ++n)
        null += 1.0 / n / 12;  // (H_25 - H_13) / 12
    CHECK(induction.score == Approx(0.8).epsilon(1e-6));
    CHECK(induction.null == Approx(null).epsilon(1e-6));
    CHECK(induction.lift == Approx(0.8 / null).epsilon(1e-6));
    CHECK(induction.kappa == Approx((0.8 - null) / (1 - null)).epsilon(1e-6));
    CHECK(induction.argmax_rate == 1.0);
    CHECK(induction.p_value == Approx(std::pow(2.0, -12)));
    CHECK(induction.q_value < 0.05);
    CHECK(induction.consistency == 1.0);
    CHECK(induction.is_tagged);
    CHECK(!score_of(found, "duplicate_token").is_tagged);
    CHECK(score_of(found, "first_token").is_tagged);
    CHECK(!score_of(even, "induction").is_tagged);
    CHECK(score_of(even, "uniform").is_tagged);
    CHECK(!score_of(found, "uniform").is_tagged);
}

TEST_CASE("probe: too few sequences measure, but do not tag") {
    ProbeAccumulator probe(1, 2);
    CHECK(score_of(probe.scores({0, 0}), "induction").num_sequences == 0);
    add_sequences(probe, 3);
    const auto scores = probe.scores({0, 0});
    CHECK(score_of(scores, "induction").score == Approx(0.8).epsilon(1e-6));
    CHECK(score_of(scores, "induction").p_value == Approx(0.125));
    CHECK(!score_of(scores, "induction").is_tagged);
}
