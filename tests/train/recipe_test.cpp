#include "train/recipe.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace headlight;

TEST_CASE("recipe: the alphabet grows as in the table of the run that was tried") {
    const TrainRequest request;
    const int num_pieces = 765;
    CHECK(plan_step(request, 0, num_pieces).alphabet == 48);
    CHECK(plan_step(request, 300, num_pieces).alphabet == 48);
    CHECK(plan_step(request, 500, num_pieces).alphabet == 164);
    CHECK(plan_step(request, 700, num_pieces).alphabet == 562);
    CHECK(plan_step(request, 750, num_pieces).alphabet == 765);
    CHECK(plan_step(request, 2399, num_pieces).alphabet == 765);
    CHECK(plan_step(request, 0, 20).alphabet == 20);
}

TEST_CASE("recipe: row lengths, shares and block lengths") {
    const TrainRequest request;
    const StepPlan first = plan_step(request, 0, 765), before = plan_step(request, 815, 765);
    const StepPlan after = plan_step(request, 816, 765), last = plan_step(request, 2399, 765);
    CHECK(first.length == 64);
    CHECK(first.num_rows == 32);
    CHECK(first.longest_block == 24);
    CHECK(before.length == 64);
    CHECK(after.length == 256);
    CHECK(after.num_rows == 8);
    CHECK(after.longest_block == 100);
    CHECK(first.random_share == 0.5);
    CHECK(plan_step(request, 960, 765).random_share == doctest::Approx(0.5));
    CHECK(plan_step(request, 1680, 765).random_share == doctest::Approx(0.325));
    CHECK(last.random_share == doctest::Approx(0.15).epsilon(0.01));
    CHECK(last.text_repeat_share == 0.1);
}

TEST_CASE("recipe: without repeats only text rows are planned") {
    TrainRequest request;
    request.repeat_share = 0;
    for (const int step : {0, 1000, 2399}) {
        CHECK(plan_step(request, step, 765).random_share == 0);
        CHECK(plan_step(request, step, 765).text_repeat_share == 0);
    }
}

TEST_CASE("recipe: warm-up is linear, then a cosine falls to a tenth") {
    const TrainRequest request;
    CHECK(learning_rate_at(request, 0) == doctest::Approx(2e-5));
    CHECK(learning_rate_at(request, 49) == doctest::Approx(1e-3));
    CHECK(learning_rate_at(request, 100) == doctest::Approx(2e-3));
    CHECK(learning_rate_at(request, 1250) == doctest::Approx(2e-3 * 0.55));  // half way: cos(pi/2) = 0
    CHECK(learning_rate_at(request, 2400) == doctest::Approx(2e-4));
}

TEST_CASE("recipe: options out of range are refused by name") {
    TrainRequest good;
    good.output_dir = "out";
    CHECK(check_request(good));
    const auto refused = [&](auto change, const char* name) {
        TrainRequest request = good;
        change(request);
        const Status status = check_request(request);
        REQUIRE_FALSE(status);
        CHECK(status.error().kind == ErrorKind::InvalidInput);
        CHECK(status.error().message.find(name) != std::string::npos);
    };
    refused([](TrainRequest& r) { r.hidden_size = 190; }, "hidden_size");
    refused([](TrainRequest& r) { r.num_layers = 0; }, "num_layers");
    refused([](TrainRequest& r) { r.num_steps = -1; }, "num_steps");
    refused([](TrainRequest& r) { r.context_length = 1 << 20; }, "context_length");
    refused([](TrainRequest& r) { r.tokens_per_step = 100; }, "tokens_per_step");
    refused([](TrainRequest& r) { r.short_length = 300; }, "short_length");
    refused([](TrainRequest& r) { r.learning_rate = std::numeric_limits<double>::quiet_NaN(); },
            "learning_rate");
    refused([](TrainRequest& r) { r.repeat_share = 1.5; }, "repeat_share");
    refused([](TrainRequest& r) { r.text_repeat_share = 1.6; }, "text_repeat_share");
    refused([](TrainRequest& r) { r.save_dtype = "int8"; }, "save_dtype");
    refused([](TrainRequest& r) { r.output_dir.clear(); }, "output folder");
}

TEST_CASE("recipe: what a run depends on is written down, what it does not is left out") {
    TrainRequest a, b;
    b.output_dir = "elsewhere";
    b.num_threads = 3;
    b.checkpoint_every = 7;
    CHECK(describe_run(a) == describe_run(b));
    b.learning_rate = std::nextafter(a.learning_rate, 1.0);
    CHECK(describe_run(a) != describe_run(b));
}
