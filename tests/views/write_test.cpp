// The cards of workspace Write.
#include <doctest/doctest.h>

#include "session/tasks/generation.h"
#include "views/tokens/shown_run.h"
#include "views/view_stage.h"

using namespace headlight;
using namespace headlight::test;

namespace {

constexpr int kNumPrompt = 4;
constexpr const char* kWriteViews[] = {"written",     "written_rows", "time_bar",
                                       "next_tokens", "made_from",    "sampling"};

WrittenStep sample_step(const Token& token) {
    WrittenStep step;
    step.token.id = token.id;
    step.token.own_probability = 0.6;
    step.token.likeliest = {{token.id, 0.6}, {40, 0.3}, {41, 0.1}};
    step.display = token.display;
    step.likeliest_display = {token.display, "·other", "·third"};
    return step;
}

/// The tokens from kNumPrompt on were written; the row that wrote token 6 is under the bar. A branch beside
/// the last.
Snapshot written_snapshot() {
    Snapshot snapshot = sample_snapshot({2, 3, 8});
    auto text = std::make_shared<AnalyzedText>(*snapshot.text);
    text->num_prompt = kNumPrompt;
    snapshot.text = snapshot.base_text = text;
    snapshot.kinds = {text};
    WritingState state;
    auto tree = std::make_shared<WritingTree>();
    TokenizedText prompt = text->tokens;
    prompt.tokens.resize(kNumPrompt);
    for (std::size_t i = kNumPrompt; i < text->tokens.tokens.size(); ++i)
        state.node = *tree->add(state.node, sample_step(text->tokens.tokens[i]));
    Token other;
    other.id = 40;
    other.display = "·other";
    WrittenStep chosen = sample_step(other);
    chosen.is_chosen = true;
    tree->add(tree->parent(state.node), chosen);
    state.tree = tree;
    state.prompt = std::make_shared<const TokenizedText>(prompt);
    state.parts = {{"system", 0, 1}, {"user", 1, kNumPrompt}};
    state.run_id = text->run_id;
    snapshot.parts.put(std::move(state));
    snapshot.selection.query = 5;  // step 2
    return snapshot;
}

}  // namespace

TEST_CASE(
    "write: every card draws what there is, in both themes, small and at scale 2, and while it writes") {
    for (const char* view : kWriteViews) {
        CAPTURE(view);
        for (const auto mode :
             {SampleValues::Mode::Ready, SampleValues::Mode::Pending, SampleValues::Mode::Failed}) {
            Snapshot snapshot = written_snapshot();
            for (const bool is_playing : {false, true}) {
                WritingState state = snapshot.part<WritingState>();
                state.num_wanted = is_playing ? 3 : 0;
                snapshot.parts.put(std::move(state));
                {
                    ViewStage large(view, snapshot, mode);
                    CHECK(large.harness.num_vertices() > 0);
                    CHECK(large.taken().empty());
                }
                ViewStage small(view, snapshot, mode, 300, 120, ui::ThemeKind::Light, 2);
                CHECK(small.taken().empty());
                CHECK(small.num_bad_wishes == 0);
            }
        }
    }
}

TEST_CASE("write: nothing was written: one button begins") {
    {
        ViewStage stage("written", sample_snapshot({2, 3, 8}));
        stage.harness.click("write_start");
        CHECK(stage.taken() == "write");
    }
    Snapshot masked = sample_snapshot({2, 3, 8});
    auto model = std::make_shared<ModelInfo>(*masked.model);
    model->spec.prediction = Prediction::MaskedToken;
    masked.model = model;
    ViewStage refused("written", masked);
    CHECK_FALSE(refused.harness.is_visible("write_start"));
}

TEST_CASE("write: a written token moves the bar to the row before it, another token branches off") {
    ViewStage stage("written", written_snapshot());
    stage.harness.click("step1");
    CHECK(stage.taken() == "write_to 1");
    stage.harness.click("prompt2");
    CHECK(stage.taken() == "query_token 2");
    stage.harness.click("instead40");
    CHECK(stage.taken() == "write_branch 2 40");
    stage.harness.click("branch1");
    CHECK(stage.taken() == "write_choose 1");
    stage.harness.click("branch_compare");
    CHECK(stage.taken() == "write_compare 1; workspace compare");
    stage.harness.click("branch_delete");
    CHECK(stage.taken() == "write_delete 0");
    stage.harness.click("write_play");
    CHECK(stage.taken() == "write_or_pause");
}

TEST_CASE("write: next tokens are those of the step, and behind the last the model is asked") {
    {
        ViewStage stage("next_tokens", written_snapshot());
        stage.harness.click("next_41");
        CHECK(stage.taken() == "write_branch 2 41");
    }
    Snapshot coming = written_snapshot();
    coming.selection.query = 7;
    {
        ViewStage last("next_tokens", coming);
        last.harness.click("next_6");
        CHECK(last.taken() == "write_branch 4 6");
    }
    coming.selection.query = 1;
    ViewStage prompt("next_tokens", coming);
    CHECK_FALSE(prompt.harness.is_visible("next_41"));
}

TEST_CASE("write: rows, bar and strip lead to steps") {
    {
        ViewStage rows("written_rows", written_snapshot());
        rows.harness.click_at("##written_row_1", 0.02f, 0.5f);
        CHECK(rows.taken() == "write_to 1");
    }
    {
        ViewStage bar("time_bar", written_snapshot(), SampleValues::Mode::Ready, 600, 120);
        bar.harness.click_at("##time_bar", 0.1f, 0.5f);
        CHECK(bar.taken() == "write_to 0");
    }
    ViewStage made("made_from", written_snapshot());
    made.harness.click_at("##made_strip", 0.3f, 0.5f);
    CHECK(made.taken() == "write_to 1");
    made.harness.click("made_head");
    CHECK(made.taken() == "made_from head");
    CHECK(made.harness.is_visible("part_0"));
    CHECK(made.harness.is_visible("part_2"));  // written so far
}

TEST_CASE("write: numbers over written rows say so") {
    const Snapshot snapshot = written_snapshot();
    CHECK(written_words(snapshot.text.get()) == "4 of 8 rows written by the model");
    CHECK(with_run(snapshot, "x").find("written by the model") != std::string::npos);
    CHECK(written_words(sample_snapshot({2, 3, 8}).text.get()).empty());
}
