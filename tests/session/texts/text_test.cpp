// A text on its way: newest wins, the old picture stays, errors arrive once.
#include "session/session_fixture.h"

using namespace headlight;
using namespace headlight::test;
using Ids = std::vector<std::int32_t>;

TEST_CASE("text: a run brings tokens, trace, analysis and a resolved selection") {
    SessionFixture f;
    f.open();
    f.session.set_text("5 6 7");
    CHECK(f.now().typed_text == "5 6 7");
    REQUIRE(f.settle());
    REQUIRE(f.now().text);
    CHECK(ids_of(f.now()) == Ids{5, 6, 7});
    CHECK(f.now().text->trace->num_queries() == 3);
    CHECK(f.now().text->analysis.heads.size() == 6);
    CHECK(f.now().text->was_measured_now);
    CHECK(f.now().text->model_id == f.now().model->id);
    CHECK(f.now().selection.query == 2);
    CHECK(f.now().selection.key == -1);
    CHECK_FALSE(f.now().is_stale);
    CHECK(f.now().job.state == JobStatus::State::Idle);
    CHECK(f.session.take_notices().empty());
    CHECK(f.num_wakes > 0);
}

TEST_CASE("text: a newer text stops the older one, and only the newer is shown") {
    SessionFixture f;
    f.open();
    const int before = f.world->run_gate.num_entered();
    f.world->run_gate.close();
    f.session.set_text("1 2");
    f.world->run_gate.wait_for_entries(before + 1);
    f.session.set_text("1 2 3");
    f.world->run_gate.wait_for_entries(before + 2);  // the first one has ended: one worker only
    f.world->run_gate.open();
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()) == Ids{1, 2, 3});
    for (const RunRequest& request : f.world->taken_requests())
        CHECK(request.ids != Ids{1, 2});
    CHECK(f.session.take_notices().empty());
}

TEST_CASE("text: the last picture stays, marked stale, until the new one is there") {
    SessionFixture f;
    f.open();
    f.session.set_text("1 2");
    REQUIRE(f.settle());
    const auto shown = f.now().text;
    const int before = f.world->run_gate.num_entered();
    f.world->run_gate.close();
    f.session.set_text("3 4 5");
    CHECK(f.now().is_stale);
    f.world->run_gate.wait_for_entries(before + 1);
    f.session.pump();
    CHECK(f.now().text == shown);
    CHECK(f.now().is_stale);
    CHECK(f.session.is_busy());
    CHECK(f.now().job.state == JobStatus::State::Running);
    CHECK(f.now().job.stage == "layer 1 of 2");
    CHECK(f.now().job.can_cancel);
    f.world->run_gate.open();
    REQUIRE(f.settle());
    CHECK_FALSE(f.now().is_stale);
    CHECK(f.now().text->id > shown->id);
}

TEST_CASE("text: cancel keeps the old picture, says nothing, and the text can be run again") {
    SessionFixture f;
    f.open();
    f.session.set_text("1 2");
    REQUIRE(f.settle());
    const int before = f.world->run_gate.num_entered();
    f.world->run_gate.close();
    f.session.set_text("3");
    f.world->run_gate.wait_for_entries(before + 1);
    f.session.cancel();
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()) == Ids{1, 2});
    CHECK(f.now().is_stale);
    CHECK(f.now().typed_text == "3");
    CHECK(f.session.take_notices().empty());
    f.world->run_gate.open();
    f.session.set_text("3");
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()) == Ids{3});
}

TEST_CASE("text: an error is told once, and the next text is run") {
    SessionFixture f;
    f.open();
    f.world->run_error = "the weights are upside down";
    f.session.set_text("1 2");
    REQUIRE(f.settle());
    const auto notices = f.session.take_notices();
    REQUIRE(notices.size() == 1);
    CHECK(notices[0].level == Notice::Level::Error);
    CHECK(notices[0].text.find("the weights are upside down") != std::string::npos);
    CHECK(f.now().job.state == JobStatus::State::Failed);
    CHECK(f.session.take_notices().empty());
    f.world->run_error.clear();
    f.session.set_text("1 2");
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()) == Ids{1, 2});
    CHECK(f.now().job.state == JobStatus::State::Idle);
}

TEST_CASE("text: an exception of a library becomes an error") {
    SessionFixture f;
    f.open();
    f.world->throws = true;
    f.session.set_text("1 2");
    REQUIRE(f.settle());
    const auto notices = f.session.take_notices();
    REQUIRE(notices.size() == 1);
    CHECK(notices[0].text.find("a library gave up") != std::string::npos);
}

TEST_CASE("text: what the model cannot run is refused by name") {
    SessionFixture f;
    f.open();
    const auto refusal = [&](const std::string& text) {
        f.session.set_text(text);
        REQUIRE(f.settle());
        const auto notices = f.session.take_notices();
        REQUIRE(notices.size() == 1);
        return notices[0].text;
    };
    CHECK(refusal("1 2 64").find("id 64") != std::string::npos);
    CHECK(refusal("1 two 3").find("'two'") != std::string::npos);
    CHECK(refusal("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17").find("17 tokens") != std::string::npos);
    CHECK(f.world->taken_requests().empty());
}

TEST_CASE("text: an empty text without BOS has no trace, and nothing breaks on it") {
    SessionFixture f;
    f.open();
    f.session.set_text("1 2");
    REQUIRE(f.settle());
    f.session.set_text("");
    REQUIRE(f.settle());
    REQUIRE(f.now().text);
    CHECK(f.now().text->trace == nullptr);
    CHECK(f.now().text->tokens.tokens.empty());
    CHECK_FALSE(f.now().is_stale);
    CHECK(f.now().selection.query == -1);
    f.session.select({1, 2});
    CHECK(f.now().selection.head == HeadId{1, 2});
    CHECK(f.session.pyramid({{0, 0}}).state == Derived<TilePyramid>::State::Failed);
    CHECK(f.session.flow(FlowMethod::Rollout, 0).state == Derived<Rollout>::State::Failed);
}

TEST_CASE("text: selection stays inside the sizes and comes back when there is room again") {
    SessionFixture f;
    f.open();
    f.session.set_text("1 2 3 4");
    REQUIRE(f.settle());
    f.session.select({9, 9});
    CHECK(f.now().selection.head == HeadId{1, 2});
    f.session.set_query(3);
    f.session.set_key(3);
    f.session.set_text("1 2");
    REQUIRE(f.settle());
    CHECK(f.now().selection.query == 1);
    CHECK(f.now().selection.key == -1);
    f.session.set_text("1 2 3 4 5");
    REQUIRE(f.settle());
    CHECK(f.now().selection.query == 3);
    CHECK(f.now().selection.key == 3);

    f.session.select({0, 0}, true);
    CHECK(f.now().selection.others == std::vector<HeadId>{{0, 0}});
    f.session.select({1, 2}, true);  // takes the chosen one out: the other moves up
    CHECK(f.now().selection.head == HeadId{0, 0});
    CHECK(f.now().selection.others.empty());
    f.session.select({0, 0}, true);  // the last head stays
    CHECK(f.now().selection.head == HeadId{0, 0});
}

TEST_CASE("text: undo and redo bring back text and selection") {
    SessionFixture f;
    f.open();
    CHECK_FALSE(f.session.undo());
    f.session.set_text("1 2 3 4 5 6 7 8 9");
    REQUIRE(f.settle());
    f.session.select({1, 1});
    f.session.set_text("40 41 42 43 44 45");
    REQUIRE(f.settle());
    CHECK(f.session.undo());
    CHECK(f.now().is_stale);
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()).size() == 9);
    CHECK(f.session.undo());
    CHECK(f.now().selection.head == HeadId{0, 0});
    CHECK(f.session.redo());
    CHECK(f.now().selection.head == HeadId{1, 1});
    CHECK(f.session.redo());
    REQUIRE(f.settle());
    CHECK(ids_of(f.now()) == Ids{40, 41, 42, 43, 44, 45});
    CHECK_FALSE(f.session.redo());
}

TEST_CASE("text: a long one is shown before it is analysed, then with what was found") {
    SessionFixture f;
    SessionOptions options = SessionFixture::options_of(f, std::size_t{64} << 20);
    options.early_rows = 1;
    Session session(std::move(options));
    session.open("no_such_folder/fake");
    REQUIRE(session.wait_until_idle_blocking(kPatience));
    std::vector<bool> seen;  // is_pending of each text that was shown
    const AnalyzedText* last = session.snapshot().text.get();
    session.set_text("1 2 3 4");
    do {
        session.pump();
        const auto& text = session.snapshot().text;
        if (!text || text.get() == last) continue;
        last = text.get();
        seen.push_back(text->analysis.is_pending);
        CHECK_FALSE(session.snapshot().is_stale);
        CHECK(text->analysis.heads.size() == text->trace->grid().size());
        if (!text->analysis.is_pending) continue;
        for (const HeadAnalysis& head : text->analysis.heads) {
            for (const MetricValue& metric : head.metrics)
                CHECK_FALSE(metric.value);
            for (const Tag& tag : head.tags) {
                CHECK_FALSE(tag.score.is_tagged);
                CHECK(tag.score.reason == "being measured");
            }
        }
    } while (session.is_busy());
    REQUIRE(session.wait_until_idle_blocking(kPatience));
    REQUIRE_FALSE(seen.empty());
    CHECK_FALSE(session.snapshot().text->analysis.is_pending);
    CHECK(session.snapshot().text->analysis.model.front().value.has_value());
    session.set_text("1 2 3 4");  // nothing to do
    CHECK_FALSE(session.is_busy());
}
