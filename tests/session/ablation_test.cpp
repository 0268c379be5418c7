// Replaced attention: the unchanged picture first, stale results dropped, undo, compare, sweep.
#include <filesystem>
#include <fstream>

#include "run/intervention_set.h"
#include "session/command.h"
#include "session/recording_shell.h"
#include "session/session_fixture.h"
#include "session/training_watch.h"

using namespace headlight;
using namespace headlight::test;

namespace {

Intervention change_of(InterventionMode mode, std::vector<HeadId> heads) {
    Intervention change;
    change.mode = mode;
    change.heads = std::move(heads);
    return change;
}

Intervention cut(HeadId head, std::vector<Edge> edges) {
    Intervention change = change_of(InterventionMode::KnockOut, {head});
    change.edges = std::move(edges);
    return change;
}

struct AblationFixture : SessionFixture {
    RecordingShell shell;
    CommandContext context{session, shell};

    AblationFixture() {
        open();
        session.set_text("5 6 7");
        REQUIRE(settle());
    }
    Status run(const std::string& line) {
        const auto call = parse_command(line);
        REQUIRE(call);
        return run_command(context, **call);
    }
    std::size_t num_heads_replaced() const {
        std::size_t count = 0;
        if (now().interventions)
            for (const Intervention& change : *now().interventions)
                count += change.heads.size();
        return count;
    }
};

}  // namespace

TEST_CASE("interventions: a head is in one at most; equal ones are joined; edges are added up") {
    Interventions list;
    list = with_intervention(list, change_of(InterventionMode::Uniform, {{0, 1}}));
    list = with_intervention(list, change_of(InterventionMode::Uniform, {{0, 0}}));
    REQUIRE(list.size() == 1);
    CHECK(list[0].heads == std::vector<HeadId>{{0, 0}, {0, 1}});
    list = with_intervention(list, change_of(InterventionMode::ZeroOutput, {{0, 1}, {1, 0}}));
    REQUIRE(list.size() == 2);
    CHECK(list[0].heads == std::vector<HeadId>{{0, 0}});
    list = with_intervention(list, cut({1, 2}, {{3, 1}}));
    list = with_intervention(list, cut({1, 2}, {{2, 0}, {3, 1}}));
    REQUIRE(list.size() == 3);
    CHECK(list[2].edges == std::vector<Edge>{{2, 0}, {3, 1}});
    list = with_intervention(list, change_of(InterventionMode::Identity, {{1, 2}}));
    CHECK(find_intervention(list, {1, 2})->mode == InterventionMode::Identity);
    CHECK(find_intervention(list, {1, 1}) == nullptr);
    const std::vector<HeadId> all{{0, 0}, {0, 1}, {1, 0}, {1, 2}};
    CHECK(without_heads(list, all).empty());
    CHECK(are_same(list, list));
    CHECK_FALSE(are_same(list, without_heads(list, std::vector<HeadId>{{0, 0}})));
}

TEST_CASE("ablation: the unchanged picture stays until the changed one is there, then it is shown") {
    AblationFixture f;
    const std::uint64_t base = f.now().text->id;
    f.world->ablation_gate.close();
    CHECK(f.run("ablate uniform 1 2"));
    CHECK(f.now().is_ablation_pending);
    CHECK(f.now().shown() == Compare::Before);
    CHECK(f.now().text->id == base);
    f.world->ablation_gate.open();
    REQUIRE(f.settle());
    CHECK_FALSE(f.now().is_ablation_pending);
    REQUIRE(f.now().ablation);
    CHECK(f.now().shown() == Compare::After);
    CHECK(f.now().text->id != base);
    CHECK(f.now().base_text->id == base);
    CHECK_FALSE(f.now().is_stale);
    const AblationResult& result = *f.now().ablation;
    CHECK(*result.mean_base_loss == doctest::Approx(1));
    CHECK(*result.mean_loss == doctest::Approx(1.4));
    CHECK(*result.worse_share == 1);
    CHECK(*result.mean_kl == doctest::Approx(0.25));
    // The analysis is of the changed trace: every head rests on the first token.
    CHECK(f.now().text->trace->matrix(0, 0)[6] == 1);
    CHECK(f.run("compare before"));
    CHECK(f.now().text->id == base);
    CHECK(f.run("compare difference"));
    CHECK(f.now().shown() == Compare::Difference);
}

TEST_CASE("ablation: typing shows the new text unchanged first, and a stale result is dropped") {
    AblationFixture f;
    REQUIRE(f.run("ablate zero 0 0"));
    REQUIRE(f.settle());
    f.world->ablation_gate.close();
    const int before = f.world->ablation_gate.num_entered();
    f.session.set_text("5 6 7 8");
    f.pump_until([&] { return f.now().base_text->tokens.tokens.size() == 4; });
    CHECK(f.now().shown() == Compare::Before);
    CHECK(f.now().is_ablation_pending);
    f.world->ablation_gate.wait_for_entries(before + 1);
    f.session.set_text("5 6 7 8 9");  // the ablation of the four tokens is stopped on the way
    f.pump_until([&] { return f.now().base_text->tokens.tokens.size() == 5; });
    f.world->ablation_gate.open();
    REQUIRE(f.settle());
    REQUIRE(f.now().ablation);
    CHECK(f.now().ablation->base_id == f.now().base_text->id);
    CHECK(f.now().text->tokens.tokens.size() == 5);
    CHECK(f.now().ablation->loss.size() == 4);
}

TEST_CASE("ablation: a result for interventions that are no more is dropped") {
    AblationFixture f;
    const int before = f.world->ablation_gate.num_entered();
    f.world->ablation_gate.close();
    REQUIRE(f.run("ablate uniform 0 0"));
    f.world->ablation_gate.wait_for_entries(before + 1);
    REQUIRE(f.run("ablate uniform 1 1"));
    f.world->ablation_gate.open();
    REQUIRE(f.settle());
    REQUIRE(f.now().ablation);
    CHECK(*f.now().ablation->mean_loss == doctest::Approx(1 + 0.1 * (1 + 3)));
    CHECK(f.world->num_kept_runs == 1);  // one unchanged pass serves both
}

TEST_CASE("ablation: undo and redo restore what was replaced") {
    AblationFixture f;
    REQUIRE(f.run("ablate uniform 0 1"));
    REQUIRE(f.run("ablate zero layer 1"));
    CHECK(f.num_heads_replaced() == 4);
    CHECK(f.session.undo());
    CHECK(f.num_heads_replaced() == 1);
    CHECK(f.session.undo());
    CHECK_FALSE(f.now().has_interventions());
    REQUIRE(f.settle());
    CHECK(f.now().shown() == Compare::Before);
    CHECK_FALSE(f.now().ablation);
    CHECK(f.session.redo());
    CHECK(f.session.redo());
    REQUIRE(f.settle());
    CHECK(f.num_heads_replaced() == 4);
    CHECK(f.now().shown() == Compare::After);
    REQUIRE(f.run("clear-ablation"));
    CHECK_FALSE(f.now().has_interventions());
    CHECK(f.session.undo());
    CHECK(f.num_heads_replaced() == 4);
}

TEST_CASE("ablation: edges, factors and mean outputs arrive as they were asked for") {
    AblationFixture f;
    REQUIRE(f.run("select 1 0"));
    REQUIRE(f.run("knock-out 2 1"));
    REQUIRE(f.settle());
    CHECK(f.world->ablations.back()[0].edges == std::vector<Edge>{{2, 1}});
    REQUIRE(f.run("knock_out 2 but 0"));
    REQUIRE(f.settle());
    CHECK(f.world->ablations.back()[0].edges == std::vector<Edge>{{2, 1}, {2, 2}});
    CHECK_FALSE(f.run("knock_out 0 2"));  // token 0 cannot see it anyway
    REQUIRE(f.run("scale_head 0.5"));
    REQUIRE(f.settle());
    CHECK(f.world->ablations.back()[0].factor == 0.5);
    REQUIRE(f.run("ablate mean"));
    REQUIRE(f.settle());
    REQUIRE(f.world->ablations.back()[0].outputs.size() == 1);
    CHECK(f.world->ablations.back()[0].outputs[0][0] == 3);  // layer 1, head 0 of three
    CHECK_FALSE(f.run("ablate pattern 0 0"));
    CHECK_FALSE(f.run("ablate uniform layer 2"));
}

TEST_CASE("ablation: predictions are of the run that is shown, and of the unchanged one on request") {
    AblationFixture f;
    REQUIRE(f.run("ablate uniform all"));
    REQUIRE(f.settle());
    f.session.predictions(2);
    f.session.predictions(2, TextVersion::Before);
    REQUIRE(f.settle());
    const auto after = f.session.predictions(2), before = f.session.predictions(2, TextVersion::Before);
    REQUIRE(after.is_ready());
    REQUIRE(before.is_ready());
    CHECK(after.value->top[0].id == 60);
    CHECK(before.value->top[0].id == 3);
}

TEST_CASE("ablation: cancel says so and leaves the unchanged run; another model forgets everything") {
    AblationFixture f;
    const int before = f.world->ablation_gate.num_entered();
    f.world->ablation_gate.close();
    REQUIRE(f.run("ablate uniform 0 0"));
    f.world->ablation_gate.wait_for_entries(before + 1);
    f.session.cancel();
    f.world->ablation_gate.open();
    REQUIRE(f.settle());
    CHECK_FALSE(f.now().is_ablation_pending);
    CHECK_FALSE(f.now().ablation_error.empty());
    CHECK(f.now().shown() == Compare::Before);
    f.open("another/fake");
    CHECK_FALSE(f.now().has_interventions());
    CHECK(f.now().ablation_error.empty());
}

TEST_CASE("sweep: effects of every head come in; a new text forgets them") {
    AblationFixture f;
    REQUIRE(f.run("ablation-sweep"));
    REQUIRE(f.now().sweep);
    CHECK(f.now().sweep->is_running);
    CHECK(f.now().settings.grid_tint == kAblationTint);
    REQUIRE(f.settle());
    const SweepState& sweep = *f.now().sweep;
    CHECK_FALSE(sweep.is_running);
    CHECK(sweep.error.empty());
    REQUIRE(sweep.effects.size() == 6);
    REQUIRE(sweep.find({1, 2}) != nullptr);
    CHECK(sweep.find({1, 2})->delta == doctest::Approx(0.4));
    CHECK(sweep.find({1, 2})->base_loss == doctest::Approx(1));
    CHECK(f.now().shown() == Compare::Before);  // a sweep replaces nothing in what is shown
    f.session.set_text("1 2");
    REQUIRE(f.settle());
    CHECK_FALSE(f.now().sweep);
}

TEST_CASE("sweep: stopping keeps what is known; typing goes first") {
    AblationFixture f;
    const int before = f.world->ablation_gate.num_entered();
    f.world->ablation_gate.close();
    REQUIRE(f.run("ablation_sweep uniform"));
    f.world->ablation_gate.wait_for_entries(before + 1);
    stop_sweep(f.session);
    f.world->ablation_gate.open();
    REQUIRE(f.settle());
    REQUIRE(f.now().sweep);
    CHECK_FALSE(f.now().sweep->is_running);
    CHECK(f.now().sweep->effects.empty());
    CHECK(f.session.take_notices().empty());
}

TEST_CASE("training watch: looks rarely once nothing grows") {
    CHECK(watch_delay_s(0) == 1);
    CHECK(watch_delay_s(59) == 1);
    CHECK(watch_delay_s(60) > 1);
    CHECK(watch_delay_s(100000) == 30);
}

TEST_CASE("atlas: fits a model by name and counts") {
    Atlas atlas;
    atlas.model = "fake";
    atlas.num_layers = 2;
    atlas.num_heads = 3;
    ModelSpec spec;
    spec.name = "fake";
    spec.num_layers = 2;
    spec.num_heads = 3;
    CHECK(atlas_mismatch(atlas, &spec).empty());
    CHECK(atlas_mismatch(atlas, nullptr).find("no model") != std::string::npos);
    spec.num_heads = 4;
    CHECK(atlas_mismatch(atlas, &spec).find("3") != std::string::npos);
    spec.num_heads = 3;
    spec.name = "other";
    CHECK(atlas_mismatch(atlas, &spec).find("other") != std::string::npos);
}

TEST_CASE("sweep: costs are of the loss, or of the answer in the metric that was chosen") {
    SweepState sweep;
    AblationEffect effect;
    effect.delta = 0.25;
    effect.base_answer = AnswerMetrics{5, 1, 4, 0.9f, 0};
    effect.answer = AnswerMetrics{3, 2, 1, 0.4f, 0.7f};
    CHECK(sweep.cost(effect) == 0.25);
    sweep.question = Question{0, 1, 2};
    sweep.metric = AblationMetric::Difference;
    CHECK(sweep.cost(effect) == doctest::Approx(3));
    sweep.metric = AblationMetric::Probability;
    CHECK(sweep.cost(effect) == doctest::Approx(0.5));
    sweep.metric = AblationMetric::Kl;
    CHECK(sweep.cost(effect) == doctest::Approx(0.7));
    effect.answer.reset();  // measured by the loss alone
    CHECK(sweep.cost(effect) == 0.25);
}
