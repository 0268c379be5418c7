// Context length: closed forms of softmax dilution, uniform heads, windows.
#include "analysis/dilution/dilution_values.h"

#include <doctest/doctest.h>

#include <cmath>

namespace headlight {
namespace {

/// One key with a logit lead over n - 1 equal ones, after the softmax.
std::vector<float> led_row(double lead, int n, int key) {
    const double all = std::exp(lead) + n - 1;
    std::vector<float> row(static_cast<std::size_t>(n), static_cast<float>(1 / all));
    row[static_cast<std::size_t>(key)] = static_cast<float>(std::exp(lead) / all);
    return row;
}

double value(const DilutionValues& values, DilutionKind kind) {
    REQUIRE(values[kind].has_value());
    return *values[kind];
}

}  // namespace

TEST_CASE("dilution: one key with a lead of 5 over equal keys") {
    const struct {
        int n;
        double mass, entropy;
    } cases[] = {{128, 0.538875, 0.602614}, {1024, 0.126696, 0.928012}, {8192, 0.017797, 0.992104}};
    for (const auto& one : cases) {
        CAPTURE(one.n);
        const int key = one.n / 2;
        const DilutionValues row =
            row_dilution(led_row(5, one.n, key), {0, one.n}, one.n - 1, {{key, key + 1}, 16});
        CHECK(value(row, DilutionKind::Fact) == doctest::Approx(one.mass).epsilon(2e-5));
        CHECK(value(row, DilutionKind::EntropyNormalized) == doctest::Approx(one.entropy).epsilon(1e-5));
        CHECK(value(row, DilutionKind::EffectiveKeys) ==
              doctest::Approx(std::pow(one.n, one.entropy)).epsilon(1e-4));
    }
    // The lead that holds 0.9 is ln(9 (n - 1)).
    for (const auto& [n, lead] : {std::pair{128, 7.0414}, {1024, 9.1277}, {8192, 11.2080}}) {
        CHECK(std::log(9.0 * (n - 1)) == doctest::Approx(lead).epsilon(1e-5));
        const DilutionValues row =
            row_dilution(led_row(std::log(9.0 * (n - 1)), n, 3), {0, n}, n - 1, {{3, 4}, 4});
        CHECK(value(row, DilutionKind::Fact) == doctest::Approx(0.9).epsilon(1e-5));
    }
}

TEST_CASE("dilution: entropy / ln n falls for a head that keeps its effective keys") {
    double before = 2;
    for (const int n : {64, 256, 1024}) {
        std::vector<float> row(static_cast<std::size_t>(n), 0.0f);
        for (int i = 0; i < 4; ++i)
            row[static_cast<std::size_t>(n - 1 - i)] = 0.25f;
        const DilutionValues values = row_dilution(row, {0, n}, n - 1, {{0, 1}, 16});
        CHECK(value(values, DilutionKind::EffectiveKeys) == doctest::Approx(4));
        CHECK(value(values, DilutionKind::EntropyNormalized) == doctest::Approx(std::log(4) / std::log(n)));
        CHECK(value(values, DilutionKind::EntropyNormalized) < before);
        before = value(values, DilutionKind::EntropyNormalized);
        CHECK(value(values, DilutionKind::Last) == doctest::Approx(1));
        CHECK(value(values, DilutionKind::Fact) == 0);
    }
}

TEST_CASE("dilution: a uniform head reads as its null, with and without a window") {
    for (const KeyRange range : {KeyRange{0, 100}, KeyRange{68, 100}, KeyRange{99, 100}}) {
        CAPTURE(range.begin);
        std::vector<float> row(100, 0.0f);
        for (int key = range.begin; key < range.end; ++key)
            row[static_cast<std::size_t>(key)] = 1.0f / static_cast<float>(range.count());
        for (const KeyRange fact : {KeyRange{1, 7}, KeyRange{60, 72}, KeyRange{90, 96}}) {
            const DilutionKeys keys{fact, 16};
            const DilutionValues own = row_dilution(row, range, 99, keys),
                                 null = uniform_dilution(range, 99, keys);
            for (const DilutionKindInfo& kind : kDilutionKinds) {
                CAPTURE(kind.id);
                REQUIRE(own[kind.kind].has_value() == null[kind.kind].has_value());
                if (own[kind.kind]) CHECK(*own[kind.kind] == doctest::Approx(*null[kind.kind]).epsilon(1e-5));
            }
        }
    }
    const DilutionValues all = uniform_dilution({0, 100}, 99, {{1, 7}, 16});
    CHECK(value(all, DilutionKind::Sink) == doctest::Approx(0.01));
    CHECK(value(all, DilutionKind::Fact) == doctest::Approx(0.06));
    CHECK(value(all, DilutionKind::Last) == doctest::Approx(0.16));
    CHECK(value(all, DilutionKind::EffectiveKeys) == doctest::Approx(100));
    CHECK(value(all, DilutionKind::EntropyNormalized) == 1);
    // A window of 32: n = min(i + 1, W), neither the first key nor the fact is in it, part of the last keys
    // is.
    const DilutionValues slid = uniform_dilution({68, 100}, 99, {{1, 7}, 40});
    CHECK(value(slid, DilutionKind::Sink) == 0);
    CHECK(value(slid, DilutionKind::Fact) == 0);
    CHECK(value(slid, DilutionKind::Last) == doctest::Approx(1));
    CHECK(value(slid, DilutionKind::EffectiveKeys) == doctest::Approx(32));
    // One key alone has no normalised entropy; no key has nothing.
    CHECK_FALSE(uniform_dilution({99, 100}, 99, {{1, 7}, 16})[DilutionKind::EntropyNormalized]);
    CHECK_FALSE(uniform_dilution({0, 0}, 99, {{1, 7}, 16})[DilutionKind::Sink]);
    CHECK_FALSE(uniform_dilution({0, 100}, 99, {{0, 0}, 16})[DilutionKind::Fact]);
}

TEST_CASE("dilution: means and deviations leave out what does not exist") {
    DilutionMean mean;
    DilutionValues one, two;
    one[DilutionKind::Sink] = 1;
    one[DilutionKind::Last] = 0.5;
    two[DilutionKind::Sink] = 3;
    mean.add(one);
    mean.add(two);
    CHECK(mean.mean()[DilutionKind::Sink] == 2);
    CHECK(mean.mean()[DilutionKind::Last] == 0.5);
    CHECK_FALSE(mean.mean()[DilutionKind::Fact]);
    CHECK(*mean.deviation()[DilutionKind::Sink] == doctest::Approx(std::sqrt(2)));
    CHECK_FALSE(mean.deviation()[DilutionKind::Last]);
}

TEST_CASE("dilution: which heads hold on") {
    const double shorter = 6.0 / 64, longer = 6.0 / 1024;
    CHECK(FactChange{0.5, shorter, 0.4, longer}.hold() == FactHold::Holds);
    CHECK(FactChange{0.5, shorter, 0.1, longer}.hold() == FactHold::Fades);
    CHECK(FactChange{0.5, shorter, 0.5 / 16, longer}.hold() == FactHold::LetsGo);  // as a uniform head's
    CHECK(FactChange{0.5, shorter, 0.009, longer}.hold() == FactHold::LetsGo);
    CHECK(FactChange{0.1, shorter, 0.1, longer}.hold() == FactHold::NotSeen);
    CHECK(FactChange{0.5, shorter, 0, 0}.hold() == FactHold::OutOfReach);
    CHECK_FALSE(FactChange{0.5, shorter, 0, 0}.lift_long());
    CHECK(*FactChange{0.5, shorter, 0.4, longer}.lift_long() == doctest::Approx(0.4 * 1024 / 6));
    // Softmax dilution with a constant lead lets go by this rule.
    const auto held = [](double n) { return std::exp(5) / (std::exp(5) + n - 1); };
    CHECK(FactChange{held(128), 1.0 / 128, held(8192), 1.0 / 8192}.hold() == FactHold::Fades);
}

}  // namespace headlight
