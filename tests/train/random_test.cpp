#include "train/random.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

using namespace headlight;

TEST_CASE("random: the published sequence of xoshiro256** from state 1 2 3 4") {
    Random random(Random::State{1, 2, 3, 4});
    CHECK(random.next() == 11520);
    CHECK(random.next() == 0);
    CHECK(random.next() == 1509978240);
    CHECK(random.next() == 1215971899390074240ULL);
}

TEST_CASE("random: a seed fills the state through splitmix64") {
    CHECK(Random(0).state()[0] == 0xE220A8397B1DCDAFULL);
}

TEST_CASE("random: going on from a saved state gives the same numbers") {
    Random first(7);
    for (int i = 0; i < 100; ++i)
        first.next();
    Random second(first.state());
    for (int i = 0; i < 10; ++i) {
        CHECK(first.normal() == second.normal());
        CHECK(first.below(17) == second.below(17));
    }
}

TEST_CASE("random: moments of the normal and uniform numbers") {
    Random random(3);
    const int count = 200'000;
    double sum = 0, squares = 0, uniform = 0;
    for (int i = 0; i < count; ++i) {
        const double x = random.normal();
        sum += x;
        squares += x * x;
        uniform += random.uniform();
    }
    CHECK(std::abs(sum / count) < 0.01);             // standard error 0.0022
    CHECK(std::abs(squares / count - 1.0) < 0.015);  // standard error 0.0032
    CHECK(std::abs(uniform / count - 0.5) < 0.003);  // standard error 0.0006
}

TEST_CASE("random: distinct draws are distinct and come from the pool") {
    Random random(5);
    const std::vector<std::int32_t> pool = {3, 1, 4, 15, 9, 2, 6};
    for (int i = 0; i < 50; ++i) {
        const auto drawn = random.draw_distinct(pool, 5);
        CHECK(std::set<std::int32_t>(drawn.begin(), drawn.end()).size() == 5);
        for (const auto id : drawn)
            CHECK(std::find(pool.begin(), pool.end(), id) != pool.end());
    }
    CHECK(random.draw_distinct(pool, 0).empty());
}
