// Derived values: ready, pending, failed; the cache that holds them.
#include "session/derived_cache.h"
#include "session/session_fixture.h"

using namespace headlight;
using namespace headlight::test;

namespace {

DerivedKey pyramid_key(std::uint64_t owner, int head) {
    return {DerivedKind::Pyramid, owner, {{0, head}}, -1};
}
DerivedValue number(int value, std::size_t size_bytes) {
    return {std::make_shared<const int>(value), size_bytes};
}
using State = Derived<int>::State;

}  // namespace

TEST_CASE("cache: pending shows progress and the last value of its kind, ready the value, failed the error") {
    DerivedCache cache(1000);
    const DerivedKey first = pyramid_key(1, 0), second = pyramid_key(1, 1);
    CHECK_FALSE(cache.touch(first));
    auto control = std::make_shared<JobControl>();
    control->progress = 0.25;
    cache.start(first, control);
    CHECK(cache.touch(first));
    CHECK(cache.look<int>(first).state == State::Pending);
    CHECK(cache.look<int>(first).progress == 0.25);
    CHECK(cache.look<int>(first).value == nullptr);
    cache.finish(first, number(7, 10));
    REQUIRE(cache.look<int>(first).is_ready());
    CHECK(*cache.look<int>(first).value == 7);

    cache.start(second, std::make_shared<JobControl>());
    REQUIRE(cache.look<int>(second).value);
    CHECK(*cache.look<int>(second).value == 7);
    CHECK_FALSE(cache.look<int>(second).is_ready());
    const DerivedKey other_kind{DerivedKind::Rollout, 1, {}, 0};
    CHECK(cache.look<int>(other_kind).value == nullptr);

    cache.fail(second, make_error(ErrorKind::Internal, "no luck"));
    CHECK(cache.look<int>(second).state == State::Failed);
    CHECK(cache.look<int>(second).error->message == "no luck");
    CHECK(cache.touch(second));  // stays failed: asking again does not start it again
    cache.forget(second);
    CHECK_FALSE(cache.touch(second));
}

TEST_CASE("cache: what was not asked for longest goes first; what is on the screen stays") {
    DerivedCache cache(25);
    const auto add = [&](int head) {
        cache.next_frame();
        cache.start(pyramid_key(1, head), std::make_shared<JobControl>());
        cache.finish(pyramid_key(1, head), number(head, 10));
    };
    add(0);
    add(1);
    cache.next_frame();
    CHECK(cache.touch(pyramid_key(1, 0)));  // now head 1 is the oldest
    cache.next_frame();
    add(2);
    CHECK(cache.size_bytes() == 20);
    CHECK_FALSE(cache.touch(pyramid_key(1, 1)));
    CHECK(cache.touch(pyramid_key(1, 0)));
    CHECK(cache.touch(pyramid_key(1, 2)));
    cache.start(pyramid_key(1, 3), std::make_shared<JobControl>());
    cache.finish(pyramid_key(1, 3),
                 number(3, 10));  // all three are drawn in this frame: over the budget, but kept
    CHECK(cache.size_bytes() == 30);
}

TEST_CASE("cache: a new owner stops and forgets the work of the old one") {
    DerivedCache cache(1000);
    auto control = std::make_shared<JobControl>();
    cache.start(pyramid_key(1, 0), control);
    cache.start(pyramid_key(2, 0), std::make_shared<JobControl>());
    cache.drop_others(DerivedKind::Pyramid, {2});
    CHECK(control->stop.stop_requested());
    CHECK_FALSE(cache.touch(pyramid_key(1, 0)));
    CHECK(cache.touch(pyramid_key(2, 0)));
    cache.finish(pyramid_key(1, 0), number(1, 10));  // came too late
    CHECK(cache.size_bytes() == 0);
    CHECK(cache.look<int>(pyramid_key(2, 0)).value == nullptr);
}

TEST_CASE("derived: pyramid and rollout become ready, and asking again gives the same value") {
    SessionFixture f;
    f.open();
    CHECK(f.session.pyramid({{0, 0}}).state == Derived<TilePyramid>::State::Failed);
    f.session.set_text("1 2 3 4");
    REQUIRE(f.settle());
    CHECK_FALSE(f.session.pyramid({{0, 0}, {1, 1}}).is_ready());
    CHECK_FALSE(f.session.flow(FlowMethod::Rollout, 3).is_ready());
    REQUIRE(f.settle());
    const auto pyramid =
        f.session.pyramid({{1, 1}, {0, 0}});  // the order of heads does not matter to their mean
    REQUIRE(pyramid.is_ready());
    CHECK(pyramid.value->levels[0].max[4 * 3] == doctest::Approx(0.25));
    CHECK(f.session.pyramid({{0, 0}, {1, 1}}).value == pyramid.value);
    REQUIRE(f.session.flow(FlowMethod::Rollout, 3).is_ready());
    CHECK(f.session.flow(FlowMethod::Rollout, 3).value->input_share.size() == 4);
    CHECK(f.session.flow(FlowMethod::Rollout, 4).state == Derived<Rollout>::State::Failed);
    CHECK(f.session.pyramid({{2, 0}}).state == Derived<TilePyramid>::State::Failed);
    CHECK(f.session.pyramid({}).state == Derived<TilePyramid>::State::Failed);
}

TEST_CASE("derived: tiles of a part are asked for by all that they depend on") {
    SessionFixture f;
    f.open();
    CHECK(f.session.tiles({{0, 0}}, {0, 1, 0, 1, 1}).state == Derived<TileMap>::State::Failed);
    f.session.set_text("1 2 3 4");
    REQUIRE(f.settle());
    const TileArea all{0, 4, 0, 4, 2}, part{1, 3, 0, 2, 1}, column{0, 4, 2, 3, 1};
    for (const TileArea& area : {all, part, column})
        CHECK_FALSE(f.session.tiles({{1, 1}}, area).is_ready());
    REQUIRE(f.settle());
    for (const TileArea& area : {all, part, column}) {
        const auto tiles = f.session.tiles({{1, 1}}, area);
        REQUIRE(tiles.is_ready());
        CHECK(tiles.value->area == area);
    }
    CHECK(f.session.tiles({{1, 1}}, all).value->values == std::vector<float>{1.0f, 0.0f, 1.0f / 3, 1.0f / 3});
    CHECK_FALSE(f.session.tiles({{0, 1}}, all).is_ready());
    CHECK(f.session.tiles({{2, 0}}, all).state == Derived<TileMap>::State::Failed);
    f.session.tiles({{1, 1}}, {0, 9, 0, 4, 1});
    REQUIRE(f.settle());
    CHECK(f.session.tiles({{1, 1}}, {0, 9, 0, 4, 1}).state == Derived<TileMap>::State::Failed);
}

TEST_CASE("derived: a new text forgets the old values but keeps the last one for dimmed drawing") {
    SessionFixture f;
    f.open();
    f.session.set_text("1 2");
    REQUIRE(f.settle());
    f.session.pyramid({{0, 0}});
    REQUIRE(f.settle());
    const auto old_value = f.session.pyramid({{0, 0}}).value;
    f.session.set_text("1 2 3");
    REQUIRE(f.settle());
    const auto fresh = f.session.pyramid({{0, 0}});
    CHECK_FALSE(fresh.is_ready());
    CHECK(fresh.value == old_value);
    REQUIRE(f.settle());
    CHECK(f.session.pyramid({{0, 0}}).value != old_value);
    CHECK(f.session.pyramid({{0, 0}}).value->num_queries == 3);
}

TEST_CASE("derived: predictions run the same ids for one position") {
    SessionFixture f;
    f.open();
    f.session.set_text("1 2 3");
    REQUIRE(f.settle());
    CHECK_FALSE(f.session.predictions(1).is_ready());
    REQUIRE(f.settle());
    const auto predictions = f.session.predictions(1);
    REQUIRE(predictions.is_ready());
    CHECK(predictions.value->query == 1);
    CHECK(predictions.value->top[0].id == 2);
    // Logit 5 against 63 zeros: e^5 / (e^5 + 63).
    CHECK(predictions.value->top[0].probability == doctest::Approx(148.41315910 / (148.41315910 + 63)));
    CHECK(predictions.value->display[0] == "2");
    const auto requests = f.world->taken_requests();
    REQUIRE(requests.size() == 2);
    CHECK(requests[1].ids == requests[0].ids);
    CHECK(requests[1].key_sets.size() == requests[0].key_sets.size());
    CHECK(requests[1].logit_positions == std::vector<int>{1});
    CHECK(f.session.predictions(7).state == Derived<QueryPredictions>::State::Failed);
}

TEST_CASE("derived: a text that comes in between stops predictions, and their failure stays with them") {
    SessionFixture f;
    f.open();
    f.session.set_text("1 2 3");
    REQUIRE(f.settle());
    const int before = f.world->run_gate.num_entered();
    f.world->run_gate.close();
    f.session.predictions(2);
    f.world->run_gate.wait_for_entries(before + 1);
    f.session.set_text("1 2");
    f.world->run_gate.wait_for_entries(before + 2);
    f.world->run_gate.open();
    REQUIRE(f.settle());
    CHECK(f.now().text->tokens.tokens.size() == 2);

    f.world->run_error = "no logits today";
    f.session.predictions(1);
    REQUIRE(f.settle());
    const auto failed = f.session.predictions(1);
    CHECK(failed.state == Derived<QueryPredictions>::State::Failed);
    CHECK(failed.error->message == "no logits today");
    CHECK(f.session.take_notices().empty());  // the panel that asked shows it
}

TEST_CASE("derived: weights of all heads with progress, beside a run, kept while the text changes") {
    SessionFixture f;
    CHECK(f.session.weight_analysis().state == Derived<WeightAnalysis>::State::Failed);
    f.open();
    const int before = f.world->run_gate.num_entered();
    f.world->weights_gate.close();
    CHECK_FALSE(f.session.weight_analysis().is_ready());
    f.world->weights_gate.wait_for_entries(1);
    CHECK(f.session.weight_analysis().progress <= 0.0);  // no head is done while the gate is closed
    f.session.set_text("1 2");
    f.world->run_gate.wait_for_entries(before + 1);
    f.pump_until([&] { return f.now().text && !f.now().is_stale; });
    f.world->weights_gate.open();
    REQUIRE(f.settle());
    const auto weights = f.session.weight_analysis();
    REQUIRE(weights.is_ready());
    CHECK(weights.value->size() == 6);
    CHECK(f.world->weights_gate.num_entered() == 6);
}
