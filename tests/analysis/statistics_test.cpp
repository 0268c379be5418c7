// Values that are not closed forms come from NumPy 2.4: numpy.percentile over means drawn with the same
// published generator, mean / std(ddof=1), 1 - std / mean, corrcoef of mean ranks, corrcoef of the
// least-squares residuals of those ranks, and all 120 item orders for the Mantel test.
#include "analysis/statistics/statistics.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "analysis/statistics/split_mix.h"

using namespace headlight;
using doctest::Approx;

namespace {

const std::vector<double> kScores = {.91, .42, .65, .77, .13, .58, .99, .35};
const std::vector<double> kTiedA = {1, 2, 2, 3, 5, 8, 8, 8, 9, 0};
const std::vector<double> kTiedB = {2, 1, 4, 3, 3, 9, 7, 8, 6, 1};
const std::vector<double> kSteps = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

}  // namespace

TEST_CASE("statistics: sign flips of n positive differences give 2^-n (closed form C22)") {
    for (int n = 1; n <= 20; ++n) {
        std::vector<double> differences(static_cast<std::size_t>(n));
        std::iota(differences.begin(), differences.end(), 1.0);
        CHECK(sign_flip_p_value(differences) == Approx(std::pow(2.0, -n)).epsilon(1e-12));
    }
    CHECK(sign_flip_p_value(std::vector<double>{3, -1}) == Approx(0.5));  // 4 sums: 4 2 -2 -4
    CHECK(sign_flip_p_value(std::vector<double>{-1, -2}) == Approx(1.0));
    CHECK(sign_flip_p_value({}) == 1.0);
    // 30 differences of 1 with 20 positive: P(X >= 20), X binomial(30, 1/2) = 0.0493686.
    std::vector<double> many(30, 1.0);
    std::fill_n(many.begin(), 10, -1.0);
    CHECK(std::abs(sign_flip_p_value(many) - 0.0493686) < 0.006);  // 4 standard errors of 20,000 draws
}

TEST_CASE("statistics: corrections for many tests (closed form C22)") {
    const std::vector<double> p = {.001, .008, .039, .041, .042, .06, .074, .205, .212, .216};
    const std::vector<double> q = benjamini_hochberg(p);
    for (std::size_t i = 0; i < p.size(); ++i)
        CHECK((q[i] <= .05) == (i < 2));
    CHECK(q[0] == Approx(.01));
    CHECK(q[1] == Approx(.04));
    CHECK(q[2] == Approx(.084));  // the least of .13, .1025 and .084 from here on
    const std::vector<double> corrected = bonferroni(p);
    CHECK(corrected[0] == Approx(.01));
    CHECK(corrected[4] == Approx(.42));
    CHECK(corrected[9] == 1.0);
    CHECK(bonferroni({}).empty());
}

TEST_CASE("statistics: the generator gives its published numbers and even draws") {
    SplitMix random(0);
    CHECK(random.next() == 0xe220a8397b1dcdafu);
    CHECK(random.next() == 0x6e789e6aa1b965f4u);
    CHECK(random.next() == 0x06c45d188009454fu);
    std::vector<int> counts(7, 0);
    for (int i = 0; i < 70000; ++i)
        ++counts[random.below(7)];
    for (const int count : counts)
        CHECK(std::abs(count - 10000) < 400);  // over four standard deviations
}

TEST_CASE("statistics: bootstrap interval of a mean") {
    const Interval interval = bootstrap_mean(kScores);
    CHECK(interval.low == Approx(.40375));
    CHECK(interval.high == Approx(.78875));
    CHECK(bootstrap_mean(kScores).low == interval.low);
    CHECK(bootstrap_mean(kScores, 2).high ==
          Approx(.78375).epsilon(.01));  // 400,000 resamples of NumPy's own
    const Interval two =
        bootstrap_mean(std::vector<double>{0, 1});  // means 0, 1/2 and 1 with 1/4, 1/2 and 1/4
    CHECK(two.low == 0);
    CHECK(two.high == 1);
    CHECK(bootstrap_mean(std::vector<double>{.3}).low == .3);
    CHECK(bootstrap_mean(std::vector<double>{.3}).high == .3);
    CHECK(bootstrap_mean({}).high == 0);
    // Many values: mean +- 1.96 sd / sqrt n. 0 .. 999 has mean 499.5 and sd 288.675, so +- 17.892.
    std::vector<double> many(1000);
    std::iota(many.begin(), many.end(), 0.0);
    CHECK(bootstrap_mean(many).low == Approx(499.5 - 17.892).epsilon(.004));
    CHECK(bootstrap_mean(many).high == Approx(499.5 + 17.892).epsilon(.004));
}

TEST_CASE("statistics: effect size and consistency") {
    std::vector<double> differences = kScores;
    for (double& difference : differences)
        difference -= .4;
    CHECK(*cohen_d(differences) == Approx(.6855336324317223));
    CHECK(*cohen_d(std::vector<double>{1, 3}) == Approx(std::sqrt(2.0)));
    CHECK_FALSE(cohen_d(std::vector<double>{1}));
    CHECK_FALSE(cohen_d(std::vector<double>{.1, .1, .1}));
    CHECK(*consistency(kScores) == Approx(.5451648650334937));
    CHECK(*consistency(std::vector<double>{2, 2}) == 1.0);
    CHECK(*consistency(std::vector<double>{0, 0, 0, 8}) == 0.0);  // sd above the mean is cut off
    CHECK_FALSE(consistency(std::vector<double>{-1, 1}));
    CHECK_FALSE(consistency(std::vector<double>{1}));
}

TEST_CASE("statistics: share of permutations that do as well, the observed one among them") {
    CHECK(permutation_p_value(3, std::vector<double>{1, 2, 3, 4}) == Approx(3.0 / 5));
    CHECK(permutation_p_value(9, std::vector<double>(999, 1.0)) == Approx(.001));
    CHECK(permutation_p_value(0, {}) == 1.0);
}

TEST_CASE("statistics: rank correlations with ties and without what a third explains") {
    CHECK(*spearman(kTiedA, kTiedB) == Approx(.8266610439564043));
    CHECK(*spearman(kSteps, kSteps) == 1.0);
    CHECK(*spearman(std::vector<double>{1, 2, 3}, std::vector<double>{9, 5, 1}) == -1.0);
    CHECK(*partial_spearman(kTiedA, kTiedB, kSteps) == Approx(.8011709343353903));
    const std::vector<double> constant(10, 4.0);
    CHECK(*partial_spearman(kTiedA, kTiedB, constant) == Approx(.8266610439564043));
    CHECK_FALSE(partial_spearman(kSteps, kTiedB, kSteps));  // nothing is left of one side
    CHECK_FALSE(spearman(kTiedA, constant));
    CHECK_FALSE(spearman(std::vector<double>{1, 2}, std::vector<double>{1, 2}));
    std::vector<double> broken = kTiedA;
    broken[3] = std::numeric_limits<double>::quiet_NaN();
    CHECK_FALSE(spearman(broken, kTiedB));
}

TEST_CASE("statistics: Mantel test of distance matrices") {
    // clang-format off
    const std::vector<double> a = {0, 1, 4, 6, 9,  1, 0, 2, 5, 8,  4, 2, 0, 3, 7,  6, 5, 3, 0, 2.5,  9, 8, 7, 2.5, 0};
    const std::vector<double> b = {0, 2, 3, 7, 5,  2, 0, 1, 4, 9,  3, 1, 0, 4.5, 6,  7, 4, 4.5, 0, 3.5,
                                   5, 9, 6, 3.5, 0};
    // clang-format on
    const auto result = mantel_test(a, b, 5);
    REQUIRE(result);
    CHECK(result->correlation == Approx(.8424242424242423));
    CHECK(std::abs(result->p_value - 1.0 / 120) < .0125);  // only the observed order of 120 does as well
    CHECK(mantel_test(a, b, 5)->p_value == result->p_value);
    std::vector<double> opposite = b;
    for (double& distance : opposite)
        distance = -distance;
    CHECK(mantel_test(a, opposite, 5)->p_value > .95);
    CHECK_FALSE(mantel_test(a, std::vector<double>(25, 1.0), 5));
    CHECK_FALSE(mantel_test(std::vector<double>(9, 1.0), std::vector<double>(9, 1.0), 3));
    CHECK_FALSE(mantel_test(a, b, 6));
}
