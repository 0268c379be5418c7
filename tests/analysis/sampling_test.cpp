// Sampling: the closed forms of logits (2, 1, 0, -1).
#include <doctest/doctest.h>

#include "analysis/generation/sampling.h"

using namespace headlight;

namespace {

constexpr float kLogits[] = {2, 1, 0, -1};

void check_probabilities(const SamplingSettings& settings, std::vector<double> expected,
                         std::vector<std::int32_t> seen = {}) {
    const std::vector<double> found = sampling_probabilities(kLogits, seen, settings);
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i)
        CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-5));
}

}  // namespace

TEST_CASE("sampling: each step alone") {
    check_probabilities({}, {.643914, .236883, .087144, .032059});
    check_probabilities({.top_p = .8}, {.731059, .268941, 0, 0});
    check_probabilities({.min_p = .2}, {.731059, .268941, 0, 0});
    check_probabilities({.top_p = .6}, {1, 0, 0, 0});
    check_probabilities({.top_k = 2}, {.731059, .268941, 0, 0});
    check_probabilities({.temperature = .5}, {.864955, .117059, .015842, .002144});
    check_probabilities({.repetition_penalty = 1.5}, {.490450, .351423, .129281, .028847}, {0, 3, 0});
}

TEST_CASE("sampling: ties with the k-th stay, and the likeliest always does") {
    const float tied[] = {1, 1, 1, 0};
    const auto p = sampling_probabilities(tied, {}, {.top_k = 2});
    CHECK(p[2] == doctest::Approx(1.0 / 3));
    CHECK(p[3] == 0);
    CHECK(sampling_probabilities(kLogits, {}, {.top_p = 0})[0] == 1);
}

TEST_CASE("sampling: greedy takes the lowest id of a tie and minds the penalty") {
    const float tied[] = {0, 3, 3};
    CHECK(greedy_token(tied, {}, 1) == 1);
    const std::int32_t seen[] = {1};
    CHECK(greedy_token(tied, seen, 1.5) == 2);
}

TEST_CASE("sampling: a draw falls into the share that holds it") {
    const double p[] = {.25, 0, .75};
    CHECK(token_at(p, 0) == 0);
    CHECK(token_at(p, .25) == 2);
    CHECK(token_at(p, .999999) == 2);
}
