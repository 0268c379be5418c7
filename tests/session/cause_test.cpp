// Weights shown, questions and what explains an answer.
#include "core/cause/weighted_trace.h"
#include "session/command.h"
#include "session/recording_shell.h"
#include "session/session_fixture.h"
#include "session/snapshot_faults.h"
#include "session/tasks/patching.h"
#include "session/tasks/question.h"

using namespace headlight;
using namespace headlight::test;

namespace {

struct CauseFixture : SessionFixture {
    RecordingShell shell;
    CommandContext context{session, shell};

    CauseFixture() {
        open();
        session.set_text("5 6 7 8");
        REQUIRE(settle());
    }
    Status run(const std::string& line) {
        const auto call = parse_command(line);
        REQUIRE(call);
        return run_command(context, **call);
    }
    std::string error_of(const std::string& line) {
        const Status status = run(line);
        return status ? std::string() : status.error().message;
    }
    const QuestionState& question() const { return now().part<QuestionState>(); }
    const PatchingState& patching() const { return now().part<PatchingState>(); }
    void is_sound() const {
        for (const std::string& fault : snapshot_faults(now()))
            FAIL_CHECK(fault);
    }
};

}  // namespace

TEST_CASE("weights shown: without the sink at once, and every picture follows") {
    CauseFixture f;
    CHECK(f.now().shown_id() == f.now().text->id);
    CHECK(f.run("weights no-sink"));
    f.is_sound();
    REQUIRE(f.now().picture.trace);
    CHECK(f.now().picture.weights == WeightsShown::NoSink);
    CHECK(f.now().shown_id() != f.now().text->id);
    // Even over four keys; without the first one even over three.
    CHECK(f.now().shown_trace().matrix(0, 0)[13] == doctest::Approx(1.0 / 3));
    f.session.pyramid({{0, 0}});
    REQUIRE(f.settle());
    const auto pyramid = f.session.pyramid({{0, 0}});
    REQUIRE(pyramid.is_ready());
    CHECK(pyramid.value->levels[0].max[12] == 0);
    CHECK(pyramid.value->levels[0].max[15] == doctest::Approx(1.0 / 3));
    f.session.flow(FlowMethod::Rollout, 3);
    REQUIRE(f.settle());
    CHECK(f.session.flow(FlowMethod::Rollout, 3).value->input_share[0] == 0);
    CHECK(f.world->num_causal_runs == 0);  // no model was asked
    CHECK(f.run("weights raw"));
    CHECK_FALSE(f.now().picture.trace);
}

TEST_CASE("weights shown: the command goes round, past effects while there is no question") {
    CauseFixture f;
    const auto next = [&] {
        CHECK(f.run("weights"));
        return f.now().settings.weights_shown;
    };
    CHECK(next() == WeightsShown::NoSink);
    CHECK(next() == WeightsShown::Value);
    CHECK(next() == WeightsShown::Norm);
    CHECK(next() == WeightsShown::Raw);
    CHECK(f.run("question id:9"));
    CHECK(f.run("weights norm"));
    CHECK(next() == WeightsShown::Effect);
    CHECK(next() == WeightsShown::Raw);
}

TEST_CASE("weights shown: one more pass measures what the keys hold; plain weights stand in until then") {
    CauseFixture f;
    f.world->causal_gate.close();
    CHECK(f.run("weights value"));
    f.session.pump();
    CHECK(f.now().picture.is_pending);
    CHECK_FALSE(f.now().picture.trace);
    CHECK(f.now().picture.why_not == "they are being measured");
    f.world->causal_gate.open();
    REQUIRE(f.settle());
    f.is_sound();
    REQUIRE(f.now().picture.trace);
    CHECK(f.now().picture.why_not.empty());
    CHECK(f.now().shown_trace().matrix(1, 2)[14] == doctest::Approx(0.25 * 3));
    CHECK(f.run("weights norm"));
    REQUIRE(f.settle());
    CHECK(f.now().shown_trace().matrix(1, 2)[14] == doctest::Approx(0.25 * 2 * 3 * 3));
    CHECK(f.world->num_causal_runs == 1);  // the pass is kept
    f.session.set_text("1 2");
    REQUIRE(f.settle());
    f.is_sound();
    CHECK(f.now().shown_trace().matrix(0, 0)[3] == doctest::Approx(0.5 * 2 * 2));
    CHECK(f.world->num_causal_runs == 2);
}

TEST_CASE("weights shown: effects need a question, have signs and flow nowhere") {
    CauseFixture f;
    CHECK(f.run("weights effect"));
    CHECK_FALSE(f.now().picture.trace);
    CHECK(f.now().picture.why_not.find("choose one") != std::string::npos);
    CHECK(f.run("question id:9 id:3"));
    REQUIRE(f.settle());
    REQUIRE(f.now().picture.trace);
    CHECK(f.now().picture.is_signed());
    CHECK(f.now().picture.trace->unit() == "logits");
    CHECK(f.now().shown_trace().matrix(1, 0)[13] == doctest::Approx(-0.25));  // layer 1: 2 × −0.5 × 1/4
    const auto flow = f.session.flow(FlowMethod::Rollout, 3);
    REQUIRE(flow.error);
    CHECK(flow.error->message.find("signs") != std::string::npos);
    f.world->why_no_attribution = "the head is not linear";
    f.session.set_text("1 2 3");
    REQUIRE(f.settle());
    CHECK(f.now().picture.why_not == "the head is not linear");
    CHECK(f.now().shown_id() == f.now().text->id);
    f.is_sound();
}

TEST_CASE("weights shown: of a changed run only what needs no values") {
    CauseFixture f;
    CHECK(f.run("weights no-sink"));
    CHECK(f.run("ablate uniform 1 2"));
    REQUIRE(f.settle());
    REQUIRE(f.now().shown() == Compare::After);
    REQUIRE(f.now().picture.trace);
    CHECK(f.now().picture.trace->raw() == f.now().text->trace);
    CHECK(f.run("compare difference"));
    f.is_sound();
    REQUIRE(f.now().picture.before);
    CHECK(f.now().picture.before->raw() == f.now().base_text->trace);
    CHECK(f.run("weights norm"));
    REQUIRE(f.settle());
    CHECK(f.now().picture.why_not.find("before") != std::string::npos);
    CHECK(f.run("compare before"));
    REQUIRE(f.settle());
    CHECK(f.now().picture.weights == WeightsShown::Norm);
}

TEST_CASE("question: by id, checked, kept over texts, gone with the model") {
    CauseFixture f;
    CHECK(f.run("question id:9"));
    REQUIRE(f.question().question);
    CHECK(*f.question().question == Question{3, 9, {}});
    CHECK(f.question().answer == "#9");
    CHECK(f.run("question 1 id:9 id:4"));
    CHECK(*f.question().question == Question{1, 9, 4});
    CHECK(f.error_of("question id:99").find("0 to 63") != std::string::npos);
    CHECK(f.error_of("question 9 id:1").find("4 tokens") != std::string::npos);
    CHECK(f.error_of("question id:9 id:9").find("rival") != std::string::npos);
    CHECK(f.question().question->position == 1);  // what was refused changed nothing
    f.session.set_text("5");
    REQUIRE(f.settle());
    CHECK_FALSE(f.question().question);
    CHECK(f.question().why_not.find("1 tokens") != std::string::npos);
    f.session.set_text("5 6");
    REQUIRE(f.settle());
    CHECK(f.question().question->position == 1);
    CHECK(f.run("question none"));
    CHECK_FALSE(f.question().asked);
    CHECK(f.run("question id:9"));
    f.open("no_such_folder/other");
    CHECK_FALSE(f.question().asked);
    f.is_sound();
}

TEST_CASE("attribution, lens and lists come from one pass") {
    CauseFixture f;
    CHECK(f.session.attribution().error->kind == ErrorKind::Missing);
    CHECK(f.run("question id:9 id:3"));
    f.session.attribution();
    f.session.lens();
    f.session.head_writing({1, 2}, 2);
    f.session.head_looks_for({1, 2}, 3);
    f.session.circuit({1, 2}, 20);
    REQUIRE(f.settle());
    const auto attribution = f.session.attribution();
    REQUIRE(attribution.is_ready());
    CHECK(attribution.value->total(3) == 1 + 2 * 2 + 0 + 0);  // heads of a layer cancel
    const auto lens = f.session.lens();
    REQUIRE(lens.is_ready());
    CHECK(lens.value->num_states == 3);
    CHECK(lens.value->rank_answer.at(2, 3) == 0);
    const auto writing = f.session.head_writing({1, 2}, 2);
    REQUIRE(writing.is_ready());
    CHECK(writing.value->effect == 6);
    CHECK(writing.value->tokens.top.ids[0] == 63);
    CHECK(writing.value->tokens.bottom.scores[0] == -2);
    CHECK(f.session.head_looks_for({1, 2}, 3).value->top.ids[0] == 0);
    CHECK(f.session.circuit({1, 2}, 20).value->writes.top.ids[0] == 20);
    CHECK(f.world->num_causal_runs == 1);
    f.session.composition({1, 0});
    REQUIRE(f.settle());
    const auto partners = f.session.composition({1, 0});
    REQUIRE(partners.is_ready());
    CHECK(partners.value->query.size() == 3);
    CHECK(partners.value->read_as_query.empty());  // nothing comes after the last layer
}

TEST_CASE("patching: cells come one by one; stopping keeps them, starting again does the others") {
    CauseFixture f;
    CHECK(f.error_of("patch head").find("answer") != std::string::npos);
    CHECK(f.run("question id:9"));
    CHECK(f.error_of("patch head").find("corrupted") != std::string::npos);
    CHECK(f.run("corrupted_text 5 6"));
    CHECK(f.error_of("patch head").find("the shown one has 4, the corrupted one 2") != std::string::npos);
    CHECK(f.run("corrupted_text 5 1 7 8"));
    f.world->patch_gate.close();
    CHECK(f.run("patch head"));
    REQUIRE(f.patching().is_running);
    f.world->patch_gate.wait_for_entries(1);
    f.pump_until([&] { return f.patching().clean_answer.has_value(); });
    CHECK(f.patching().first_difference == 1);
    CHECK(f.patching().map()->num_done == 0);
    f.session.cancel();
    CHECK_FALSE(f.patching().is_running);
    f.world->patch_gate.open();
    REQUIRE(f.settle());
    CHECK(f.run("patch"));
    REQUIRE(f.settle());
    const auto map = f.patching().map();
    REQUIRE(map->num_done == 6);
    CHECK(map->cells[4] == PatchCell{PatchSite::Head, 1, 1, -1});
    CHECK(map->results[4]->difference == doctest::Approx(-2 + 6.0 * 2 / 3));
    CHECK(*patch_effect(*map->results[4], *f.patching().clean_answer, *f.patching().corrupted_answer,
                        AnswerMetric::Difference) == doctest::Approx(2.0 / 3));
    const int entered = f.world->patch_gate.num_entered();
    CHECK(f.run("patch head denoise"));  // all is known
    REQUIRE(f.settle());
    CHECK(f.world->patch_gate.num_entered() == entered);
    CHECK(f.run("patch resid noise"));
    REQUIRE(f.settle());
    CHECK(f.patching().map()->cells.size() == 12);  // 3 states of 4 positions
    f.session.set_text("5 6 7 9");
    REQUIRE(f.settle());
    CHECK(f.patching().maps.empty());
    CHECK(f.patching().corrupted_text == "5 1 7 8");
}

TEST_CASE("chosen edge: what every head gives along it, summed over its queries, of the weights shown") {
    CauseFixture f;
    CHECK(f.run("query 3"));
    CHECK(f.run("key 1"));
    f.session.edge({3}, 1);
    REQUIRE(f.settle());
    REQUIRE(f.session.edge({3}, 1).is_ready());
    CHECK(f.session.edge({3}, 1).value->at(5) == doctest::Approx(0.25));
    CHECK(f.run("add_query 1"));
    CHECK(f.run("add_query 2"));
    CHECK(f.now().selection.queries == std::vector<int>{1, 2});
    CHECK(f.run("add_query 1"));
    CHECK(f.now().selection.queries == std::vector<int>{2});
    CHECK(f.run("weights no-sink"));
    f.session.edge({3, 2}, 1);
    REQUIRE(f.settle());
    CHECK(f.session.edge({2, 3}, 1).value->at(0) == doctest::Approx(1.0 / 3 + 1.0 / 2));
    CHECK(f.session.edge({9}, 1).error->kind == ErrorKind::InvalidInput);
    f.session.set_text("5 6");
    REQUIRE(f.settle());
    CHECK(f.now().selection.queries.empty());  // there is no such row
    CHECK(f.run("query 0"));
    CHECK(f.run("tint chosen_edge"));
    CHECK(f.run("order induction"));
    CHECK(f.now().settings.grid_order == "induction");
}
